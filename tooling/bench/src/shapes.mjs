const adapter = { rank: 8, alpha: 16 };
const bert = { family: 'bert', targets: ['query', 'value'], classes: 8, ...adapter };
const llama = { family: 'llama', targets: ['q_proj', 'v_proj'], ...adapter };

/** What may be measured. Weights are random: time and memory depend on shapes alone. */
export const shapes = {
  minilm: {
    ...bert,
    title: 'MiniLM-L6',
    ...{ layers: 6, hidden: 384, heads: 12, kvHeads: 12, inner: 1536, vocab: 30522, positions: 512 },
    ...{ batch: 8, seq: 128 },
  },
  smollm2: {
    ...llama,
    title: 'SmolLM2-135M',
    ...{ layers: 30, hidden: 576, heads: 9, kvHeads: 3, inner: 1536, vocab: 49152, positions: 8192 },
    ...{ batch: 1, seq: 256 },
  },
  'tiny-bert': {
    ...bert,
    title: 'a tiny BERT, to test the harness',
    ...{ layers: 2, hidden: 32, heads: 4, kvHeads: 4, inner: 64, vocab: 100, positions: 32 },
    ...{ batch: 2, seq: 16 },
  },
  'tiny-llama': {
    ...llama,
    title: 'a tiny Llama, to test the harness',
    ...{ layers: 2, hidden: 32, heads: 4, kvHeads: 2, inner: 64, vocab: 100, positions: 32 },
    ...{ batch: 2, seq: 16 },
  },
};

/** The linears of one block, each `[in, out]`, by the last part of its path. */
export function linearsOf({ family, hidden, heads, kvHeads, inner }) {
  const keys = (hidden / heads) * kvHeads;
  if (family === 'bert') {
    return {
      query: [hidden, hidden],
      key: [hidden, hidden],
      value: [hidden, hidden],
      'attention.output.dense': [hidden, hidden],
      'intermediate.dense': [hidden, inner],
      'output.dense': [inner, hidden],
    };
  }
  return {
    q_proj: [hidden, hidden],
    k_proj: [hidden, keys],
    v_proj: [hidden, keys],
    o_proj: [hidden, hidden],
    gate_proj: [hidden, inner],
    up_proj: [hidden, inner],
    down_proj: [inner, hidden],
  };
}
