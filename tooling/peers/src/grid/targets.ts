import { familyOf, type Base } from './base.js';

/** A family's modules by the part that they play. */
export interface Targets {
  two: string[];
  attention: string[];
  mlp: string[];
  expression: string;
  excluded: string[];
  /** Keys in alphabetical order: PEFT writes them so, and the first that fits counts. */
  rankPattern: Record<string, number>;
  alphaPattern: Record<string, number>;
  /** What holds the layers, for `layers_pattern`. */
  layers: string;
  table: string;
  norm: string;
  /** A head to save along; of a model that has one. */
  head: string;
}

const llama: Targets = {
  two: ['q_proj', 'v_proj'],
  attention: ['q_proj', 'k_proj', 'v_proj', 'o_proj'],
  mlp: ['gate_proj', 'up_proj', 'down_proj'],
  expression: String.raw`.*\.(k_proj|0\.mlp\.down_proj)`,
  excluded: ['o_proj'],
  rankPattern: { 'layers.1.self_attn.v_proj': 5, v_proj: 4, down_proj: 2 },
  alphaPattern: { '^model.layers.0.mlp.up_proj': 9, q_proj: 5 },
  layers: 'layers',
  table: 'embed_tokens',
  norm: 'input_layernorm',
  head: 'lm_head',
};

const bert: Targets = {
  two: ['query', 'value'],
  attention: ['query', 'key', 'value', 'attention.output.dense'],
  mlp: ['intermediate.dense', 'output.dense'],
  expression: String.raw`.*\.(key|0\.output\.dense)`,
  excluded: ['pooler.dense'],
  rankPattern: { 'layer.1.attention.self.value': 5, value: 4, 'output.dense': 2 },
  alphaPattern: { 'layer.0.intermediate.dense': 9, query: 5 },
  layers: 'layer',
  table: 'word_embeddings',
  norm: 'attention.output.LayerNorm',
  head: 'classifier',
};

const gpt2: Targets = {
  two: ['c_attn', 'c_fc'],
  attention: ['c_attn', 'attn.c_proj'],
  mlp: ['c_fc', 'mlp.c_proj'],
  expression: String.raw`.*\.(c_fc|0\.attn\.c_attn)`,
  excluded: ['attn.c_proj'],
  rankPattern: { '1.attn.c_attn': 5, c_attn: 4, 'mlp.c_proj': 2 },
  alphaPattern: { '^transformer.h.0.mlp.c_fc': 9, c_attn: 5 },
  layers: 'h',
  table: 'wte',
  norm: 'ln_1',
  head: 'lm_head',
};

const families: Record<string, Targets> = { llama, qwen2: llama, mistral: llama, gpt2, bert };

export function targetsOf(base: Pick<Base, 'name'>): Targets {
  const targets = families[familyOf(base)];
  if (!targets) throw new Error(`targets.ts knows no family ${familyOf(base)}`);
  return targets;
}
