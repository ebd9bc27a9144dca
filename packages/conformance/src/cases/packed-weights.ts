import { BlockWeight, dequantise, embeddingLookup } from '@lowrank/core';
import { ones, tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { compare, holds, worstOf } from '../outcome.js';
import { owning } from '../owning.js';
import { randn, repeated, type Values } from '../values.js';
import { refusals } from './refusals.js';
import { meaning, packings, type Packing } from './weights.js';

/** The values of packed weights, and what they take at rest. */
export const dequantiseCases: ConformanceCase[] = [
  ...packings.map((packing) =>
    unpacks(`${packing.format} in blocks of ${packing.block}, ${packing.in} to a row`, packing, () =>
      randn([19, packing.in], 1),
    ),
  ),
  ...(['int8', 'nf4', 'q4', 'f16', 'bf16'] as const).flatMap((format) => [
    unpacks(`${format}, one value`, { format, block: 32 }, () => randn([1, 1], 1)),
    unpacks(`${format}, only zeros`, { format, block: 32 }, () => repeated([3, 40], [0])),
    unpacks(`${format}, values of 1e4 and 1e-6`, { format, block: 32 }, () => repeated([3, 64], [1e4, 1e-6, -5e3])),
    unpacks(`${format}, large`, { format, block: 64 }, () => randn([257, 1000], 1), true),
    atRest(format, { int8: 1.0625, nf4: 0.5625, q4: 0.5625, f16: 2.015625, bf16: 2.015625 }[format]),
  ]),
  ...refusals('dequantise', [
    ['a value that is no number', 'not-finite', () => BlockWeight.fromRows(Float32Array.of(1, NaN), [1, 2], 'int8')],
    ['a value too few', 'shape-mismatch', () => BlockWeight.fromRows(Float32Array.of(1), [1, 2], 'nf4')],
    ['a value that f16 cannot hold', 'not-finite', () => BlockWeight.fromRows(Float32Array.of(1e5), [1, 1], 'f16')],
    ['a block of 12', 'config-invalid', () => BlockWeight.fromRows(Float32Array.of(1), [1, 1], 'q4', 12)],
  ]),
];

/** Rows of a dense table, and of a packed one. */
export const embeddingLookupCases: ConformanceCase[] = [
  looksUp('odd sizes', [7, 5], [2, 3], [6, 0, 3, 3, 1, 0]),
  looksUp('one id', [7, 5], [1, 1], [4]),
  looksUp('no ids', [7, 5], [0, 3], []),
  looksUp('a table of one row', [1, 9], [4], [0, 0, 0, 0]),
  looksUp(
    'large',
    [50_257, 65],
    [2, 64],
    Array.from({ length: 128 }, (_, at) => (at * 7919) % 50_257),
    { large: true },
  ),
  ...packings
    .filter(({ block }) => block === 64)
    .map((packing) =>
      looksUp(`${packing.format}, ${packing.in} to a row`, [11, packing.in], [2, 2], [10, 0, 3, 3], { packing }),
    ),
  ...refusals('embeddingLookup', [
    ['float32 ids', 'dtype-unsupported', () => embeddingLookup(ones([2, 3]), tensor([0, 1]))],
  ]),
];

function unpacks(title: string, packing: Packing, rows: () => Values, large = false): ConformanceCase {
  return {
    op: 'dequantise',
    title,
    large,
    run: (tolerance) =>
      owning(async (own) => {
        const { data, shape } = rows();
        const [out, features] = shape as [number, number];
        const weight = own(BlockWeight.fromRows(data, [out, features], packing.format, packing.block));
        const values = await own(dequantise(weight)).data();
        return compare('the values', values, await meaning(data, [out, features], packing), tolerance);
      }),
  };
}

function atRest(format: Packing['format'], bytes: number): ConformanceCase {
  return {
    op: 'dequantise',
    title: `${format} takes ${bytes} bytes a value at rest`,
    large: false,
    run: () =>
      owning(async (own) => {
        const weight = own(BlockWeight.fromRows(randn([8, 256], 1).data, [8, 256], format));
        return holds(weight.bytes / (8 * 256) === bytes, `it takes ${bytes} bytes a value`);
      }),
  };
}

function looksUp(
  title: string,
  table: [vocab: number, hidden: number],
  shape: number[],
  ids: number[],
  { packing, large = false }: { packing?: Packing; large?: boolean } = {},
): ConformanceCase {
  const [vocab, hidden] = table;
  return {
    op: 'embeddingLookup',
    title,
    large,
    run: (tolerance) =>
      owning(async (own) => {
        const { data } = randn(table, 1);
        const weight = packing
          ? BlockWeight.fromRows(data, [vocab, hidden], packing.format, packing.block)
          : tensor2d(data.slice(), table);
        own(weight);
        const rows = packing ? await meaning(data, [vocab, hidden], packing) : data;
        const output = own(tidy(() => embeddingLookup(weight, tensor(ids, shape, 'int32'))));
        const expected = ids.flatMap((id) => [...rows.subarray(id * hidden, (id + 1) * hidden)]);
        return worstOf([
          holds(output.shape.join() === [...shape, hidden].join(), 'its rows have the shape of the ids'),
          compare('the rows', await output.data(), expected, tolerance),
        ]);
      }),
  };
}
