import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Factors } from './drawn-factors.js';
import { orthonormal } from './orthonormal.js';
import { times } from './top-singular.js';

/**
 * OLoRA's factors of a weight: with `Q R` the QR decomposition of `Wᵀ`, B is Q's first `rank` columns turned, and A is
 * R's first rows turned, `A = W Q`. PEFT's but for the signs of pairs of column and row, which cancel in `A B`.
 *
 * @param weight `[in, out]`, both at least `rank`
 * @see Büyükakyüz 2024, https://arxiv.org/abs/2406.01775, section 3
 */
export async function olora(weight: Tensor2D, { rank }: { rank: number }): Promise<Factors> {
  const [rows, columns] = weight.shape;
  const values = (await weight.data()) as Float32Array;
  const basis = orthonormal(rank, columns, (row) => values.subarray(row * columns, (row + 1) * columns));
  const a = new Float32Array(rows * rank);
  const b = new Float32Array(rank * columns);
  basis.forEach((unit, at) => {
    times({ values, rows, columns }, unit).forEach((value, row) => {
      a[row * rank + at] = value;
    });
    b.set(unit, at * columns);
  });
  return { a, b };
}
