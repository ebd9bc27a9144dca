import type { BlockFormat } from '@lowrank/core';
import { meaning } from '../cases/weights.js';
import { transposed64 } from '../reference/matrix64.js';
import { randn, type Values } from '../values.js';

/** Two layers of a transformer, small enough that float64 takes every gradient by finite differences. */
export const sizes = {
  batch: 2,
  seq: 5,
  vocab: 11,
  hidden: 8,
  heads: 2,
  kvHeads: 1,
  headDim: 4,
  inner: 12,
  rank: 2,
  layers: 2,
  epsilon: 1e-5,
};

/** `llama`: RMSNorm, rotary, causal, SwiGLU, a tied head. `bert`: LayerNorm, a mask, GELU, biases, a head of its own. */
export type Family = 'llama' | 'bert';

export interface TinyModel {
  family: Family;
  /** How the frozen linear weights are packed; dense when left out. */
  format: BlockFormat | undefined;
  /** Frozen linear weights as `[in, out]`, by name, with the numbers that they stand for once packed. */
  linears: Map<string, { values: Values; meaning: Float64Array }>;
  /** Norms' weights, biases and the table, by name. */
  others: Map<string, Values>;
  ids: Int32Array;
  targets: Int32Array;
  /** `[batch, seq]`, 1 where a position counts. */
  mask: Float32Array;
}

/** Packs each row of a frozen weight into blocks of 32, so that no row fills one. */
export const block = 32;

/** The two adapted layers of a block; and which side of them the adapter's factors have. */
export const adapted: [name: string, out: number][] = [
  ['q', sizes.heads * sizes.headDim],
  ['v', sizes.kvHeads * sizes.headDim],
];

/** Seeded weights, ids and targets. */
export async function tinyModel(family: Family, format?: BlockFormat): Promise<TinyModel> {
  const { hidden, heads, kvHeads, headDim, inner, vocab, layers, batch, seq } = sizes;
  const linears: TinyModel['linears'] = new Map();
  const others = new Map<string, Values>([['table', randn([vocab, hidden], 1)]]);
  let seed = 2;
  const linear = async (name: string, features: number, out: number) => {
    const values = randn([features, out], seed++, 1 / Math.sqrt(features));
    const rows = transposed64(values.data, [features, out]);
    const packed = format && (await meaning(Float32Array.from(rows), [out, features], { format, block }));
    linears.set(name, {
      values,
      meaning: packed ? transposed64(packed, [out, features]) : Float64Array.from(values.data),
    });
    others.set(`${name}.bias`, randn([out], seed++, 0.1));
  };
  for (let layer = 0; layer < layers; layer++) {
    await linear(`${layer}.q`, hidden, heads * headDim);
    await linear(`${layer}.k`, hidden, kvHeads * headDim);
    await linear(`${layer}.v`, hidden, kvHeads * headDim);
    await linear(`${layer}.o`, heads * headDim, hidden);
    await linear(`${layer}.gate`, hidden, inner);
    await linear(`${layer}.up`, hidden, inner);
    await linear(`${layer}.down`, inner, hidden);
    for (const norm of ['first', 'second']) setNorm(others, `${layer}.${norm}`, seed++);
  }
  setNorm(others, 'last', seed++);
  await linear('head', hidden, vocab);
  const count = batch * seq;
  return {
    family,
    format,
    linears,
    others,
    ids: Int32Array.from({ length: count }, (_, at) => (at * 7 + 3) % vocab),
    targets: Int32Array.from({ length: count }, (_, at) => (at % seq === seq - 1 ? -100 : (at * 5 + 1) % vocab)),
    mask: Float32Array.from({ length: count }, (_, at) => (at < seq + 3 ? 1 : 0)),
  };
}

/** Adapter factors, A and then B of each adapted layer. B is not zero, so that each factor has a gradient at once. */
export function startOf(): Values[] {
  return Array.from({ length: sizes.layers }, (_, layer) =>
    adapted.flatMap(([, out], which) => [
      randn([sizes.hidden, sizes.rank], 100 + 10 * layer + which, 0.3),
      randn([sizes.rank, out], 200 + 10 * layer + which, 0.3),
    ]),
  ).flat();
}

function setNorm(others: Map<string, Values>, name: string, seed: number): void {
  const { shape, data } = randn([sizes.hidden], seed, 0.2);
  others.set(name, { shape, data: data.map((value) => 1 + value) });
  others.set(`${name}.bias`, randn([sizes.hidden], seed + 1000, 0.1));
}
