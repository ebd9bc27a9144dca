import type { Tensor2D } from '@tensorflow/tfjs-core';
import { deriveSeed } from '../random/derive-seed.js';
import { randomFloats } from '../random/random-floats.js';
import type { Factors } from './drawn-factors.js';
import { sketchedSingular } from './sketched-singular.js';
import { topSingular, type SingularTriplet } from './top-singular.js';

/**
 * PiSSA's factors of a weight: with `U S Vᵀ` its `rank` largest singular values and their vectors,
 * `A = U √(S / scaling)`, `B = √(S / scaling) Vᵀ`, so that `scaling · A B` is the best approximation of that rank. In
 * float64, and the same on every backend; some seconds where both sides are 4096.
 *
 * @param weight `[in, out]`
 * @see Meng et al. 2024, https://arxiv.org/abs/2404.02948, section 3
 */
export async function pissa(weight: Tensor2D, { rank, scaling }: PissaOptions): Promise<Factors> {
  const [rows, columns] = weight.shape;
  const values = await weight.data();
  return balanced(topSingular({ values, rows, columns }, rank), { rank, scaling, rows, columns });
}

export interface PissaOptions {
  rank: number;
  scaling: number;
}

export interface FastPissaOptions extends PissaOptions {
  /** Passes over the weight and back, 0 or more: each brings the factors nearer to those of `pissa`. */
  iterations: number;
  /** Where the search starts, `[min(in, out), rank]`; see `randomStart`. */
  start: Float32Array;
}

/**
 * PiSSA's factors from the span of a few products of the weight with random vectors, computed on the backend: PEFT's
 * `pissa_niter_N`, and its numbers where it starts from the same vectors.
 *
 * @param weight `[in, out]`
 * @see Halko et al. 2011, https://arxiv.org/abs/0909.4061, algorithms 4.4 and 5.1
 */
export async function fastPissa(weight: Tensor2D, options: FastPissaOptions): Promise<Factors> {
  const { rank, scaling, iterations, start } = options;
  const [rows, columns] = weight.shape;
  const triplets = await sketchedSingular(weight, { count: rank, iterations, start });
  return balanced(triplets, { rank, scaling, rows, columns });
}

/** Normal values `[min(in, out), rank]`. */
export function randomStart([rows, columns]: [number, number], rank: number, seed: number): Float32Array {
  const count = Math.min(rows, columns) * rank;
  return randomFloats(count, { distribution: 'normal', seed: deriveSeed(seed, 'pissa') });
}

interface Sizes extends PissaOptions {
  rows: number;
  columns: number;
}

function balanced(triplets: SingularTriplet[], { rank, scaling, rows, columns }: Sizes): Factors {
  const a = new Float32Array(rows * rank);
  const b = new Float32Array(rank * columns);
  triplets.forEach(({ value, left, right }, at) => {
    const size = Math.sqrt(value / scaling);
    for (let row = 0; row < rows; row++) a[row * rank + at] = size * left[row]!;
    for (let column = 0; column < columns; column++) b[at * columns + column] = size * right[column]!;
  });
  return { a, b };
}
