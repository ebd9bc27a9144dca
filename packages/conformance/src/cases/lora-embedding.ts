import { BlockWeight, embeddingLookup, LoraEmbedding, type FrozenModule } from '@lowrank/core';
import { tensor, tensor2d } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase, type OpSetup } from '../op-case.js';
import type { Own } from '../owning.js';
import { columnNorms64 } from '../reference/dora64.js';
import { loraEmbedding64 } from '../reference/lora-embedding64.js';
import { randn, type Values } from '../values.js';
import { meaning, type Packing } from './weights.js';

const alpha = 3;

/** Rows of `W + scaling · A B`, with DoRA times `m / n`: the gradients of A, B and m. */
export const loraEmbeddingCases: ConformanceCase[] = [
  one('odd sizes', { table: [7, 5], rank: 3, ids: [6, 0, 2, 1, 4, 5] }),
  one('ids that come again', { table: [7, 4], rank: 2, ids: [2, 0, 2, 6, 2, 2] }),
  one('one id', { table: [5, 3], rank: 1, ids: [4] }),
  one('no ids', { table: [7, 5], rank: 2, ids: [] }),
  one('a table of one row', { table: [1, 9], rank: 2, ids: [0, 0, 0, 0] }),
  one('a rank above the sizes', { table: [3, 2], rank: 6, ids: [2, 2] }),
  one('with DoRA', { table: [7, 5], rank: 2, ids: [2, 0, 2, 6], dora: true }),
  one('no ids, with DoRA', { table: [7, 5], rank: 2, ids: [], dora: true }),
  one('over int8', { table: [11, 37], rank: 3, ids: [10, 0, 3, 3], packing: { format: 'int8', block: 32 } }),
  one('over nf4', { table: [11, 100], rank: 3, ids: [10, 0, 3, 3], packing: { format: 'nf4', block: 64 } }),
  one('large', {
    table: [30_522, 65],
    rank: 8,
    ids: Array.from({ length: 256 }, (_, at) => ((at % 100) * 7919) % 30_522),
    large: true,
  }),
];

interface Plan {
  table: [vocab: number, hidden: number];
  rank: number;
  ids: number[];
  dora?: boolean;
  packing?: Packing;
  large?: boolean;
}

function one(title: string, { large = false, ...plan }: Plan): ConformanceCase {
  return opCase({ op: 'loraEmbedding', title, large, setup: () => setup(plan) });
}

async function setup({ table, rank, ids, dora = false, packing }: Plan): Promise<OpSetup> {
  const [vocab, hidden] = table;
  const given = randn(table, 1);
  const rows = Float64Array.from(packing ? await meaning(given.data, table, packing) : given.data);
  const layer64 = { table: rows, ids, hidden, rank, scaling: alpha / rank };
  const norms = (a: Float64Array, b: Float64Array) =>
    columnNorms64(a, b, { weight: rows, in: vocab, out: hidden, rank, scaling: alpha / rank });
  return {
    inputs: [
      randn([vocab, rank], 2, 1 / Math.sqrt(rank)),
      randn([rank, hidden], 3),
      ...(dora ? [randn([hidden], 4)] : []),
    ],
    shape: [1, ids.length, hidden],
    make: (own) => {
      const layer = own(LoraEmbedding.fromBase(baseOf(given, own, packing), { rank, alpha, useDora: dora }));
      const words = own(tensor(ids, [1, ids.length], 'int32'));
      return { variables: layer.parameters('').map(({ variable }) => variable), compute: () => layer.forward(words) };
    },
    reference: (a, b, m) => {
      const plain = loraEmbedding64(a, b, layer64);
      if (!m) return plain;
      const n = norms(a, b);
      const ratio = (at: number) => (m[at % hidden] as number) / (n[at % hidden] as number);
      return {
        value: plain.value.map((value, at) => value * ratio(at)),
        gradient: (dy) => {
          const dm = new Float64Array(hidden);
          dy.forEach((slope, at) => (dm[at % hidden]! += (slope * plain.value[at]!) / n[at % hidden]!));
          return [...plain.gradient(dy.map((slope, at) => slope * ratio(at))), dm];
        },
      };
    },
  };
}

function baseOf({ data, shape }: Values, own: Own, packing?: Packing): FrozenModule {
  const table = shape as [number, number];
  const weight = packing
    ? own(BlockWeight.fromRows(data, table, packing.format, packing.block))
    : own(tensor2d(data.slice(), table));
  return { kind: 'embedding', weight, forward: (ids) => embeddingLookup(weight, ids) };
}
