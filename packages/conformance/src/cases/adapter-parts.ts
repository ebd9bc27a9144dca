import { deltaWeight, dropout } from '@lowrank/core';
import { grad, ones, tensor, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { compare, holds, worstOf } from '../outcome.js';
import { owning } from '../owning.js';
import { product64, scaled64 } from '../reference/matrix64.js';
import { randn } from '../values.js';
import { refusals } from './refusals.js';

/** The update as a matrix, `scaling · A B`. */
export const deltaWeightCases: ConformanceCase[] = [
  delta('odd sizes', [7, 3, 5]),
  delta('rank 1', [4, 1, 3]),
  delta('a rank above the sizes', [3, 6, 2]),
  delta('large', [257, 16, 129], true),
  ...refusals('deltaWeight', [
    ['factors of unlike ranks', 'shape-mismatch', () => deltaWeight(ones([3, 2]), ones([1, 3]), 1)],
  ]),
];

/** Inverted dropout by a seeded mask: the same seed drops the same values, forward and back. */
export const dropoutCases: ConformanceCase[] = [
  drops('odd sizes', [3, 5, 7], 0.5),
  drops('a rate of 0', [9], 0),
  drops('a rate of 0.9', [65], 0.9),
  drops('no rows', [0, 4], 0.1),
  drops('large', [129, 1025], 0.1, true),
  ...refusals('dropout', [
    ['an int32 x', 'dtype-unsupported', () => dropout(ones([2], 'int32'), 0.5, 1)],
    ['a rate of 1', 'config-invalid', () => dropout(ones([2]), 1, 1)],
  ]),
];

function delta(title: string, sizes: [number, number, number], large = false): ConformanceCase {
  const [features, rank, out] = sizes;
  return {
    op: 'deltaWeight',
    title,
    large,
    run: (tolerance) =>
      owning(async (own) => {
        const [a, b] = [randn([features, rank], 1).data, randn([rank, out], 2).data];
        const [left, right] = [own(tensor2d(a, [features, rank])), own(tensor2d(b, [rank, out]))];
        const output = own(deltaWeight(left, right, 0.25));
        return compare('the update', await output.data(), scaled64(product64(a, b, sizes), 0.25), tolerance);
      }),
  };
}

function drops(title: string, shape: number[], rate: number, large = false): ConformanceCase {
  return {
    op: 'dropout',
    title,
    large,
    run: (tolerance) =>
      owning(async (own) => {
        const [x, direction] = [randn(shape, 1).data, randn(shape, 2).data];
        const seeded = (input: Tensor) => dropout(input, rate, 42);
        const [input, dy] = [own(tensor(x, shape)), own(tensor(direction, shape))];
        const mask = await own(seeded(own(ones(shape)))).data();
        const output = await own(seeded(input)).data();
        const gradient = await own(grad(seeded)(input, dy)).data();

        const kept = Math.fround(1 / (1 - rate));
        const masked = (values: Float32Array) => values.map((value, index) => value * (mask[index] as number));
        const share = mask.filter((value) => value === 0).length / Math.max(1, mask.length);
        const spread = Math.sqrt((rate * (1 - rate)) / Math.max(1, mask.length));
        return worstOf([
          holds(
            mask.every((value) => value === 0 || value === kept),
            'a value is dropped, or divided by 1 - rate',
          ),
          holds(mask.length === 0 || Math.abs(share - rate) <= 5 * spread, 'the share that is dropped is the rate'),
          compare('the value', output, masked(x), tolerance),
          compare('the gradient', gradient, masked(direction), tolerance),
        ]);
      }),
  };
}
