import { matMul, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { orthonormal } from './orthonormal.js';
import type { Matrix } from './top-singular.js';

export interface SketchOptions {
  /** Passes over the matrix and back, 0 or more: each brings what is found nearer to the exact values. */
  iterations: number;
  /** Where the search starts, `[min(rows, columns), width]`: as many columns as values are sought, or more. */
  start: Float32Array;
}

/** A small matrix that has nearly the largest singular values of a large one. */
export interface Sketch {
  /** The large one times the basis, `[min(rows, columns), width]`: no value is above the exact one, but for rounding. */
  projected: Matrix;
  /** Orthonormal vectors of the longer side, `width` of them: what the large matrix nearly reaches. */
  basis: Float64Array[];
}

/**
 * A randomised range finder: the span of a few products of a matrix with random vectors, which are computed on the
 * backend, and the matrix projected on it.
 *
 * @param matrix `[rows, columns]`
 * @see Halko et al. 2011, https://arxiv.org/abs/0909.4061, algorithms 4.4 and 5.1
 */
export async function sketch(matrix: Tensor2D, { iterations, start }: SketchOptions): Promise<Sketch> {
  const [rows, columns] = matrix.shape;
  const tall = rows >= columns;
  const [small, large] = tall ? [columns, rows] : [rows, columns];
  const width = start.length / small;
  const across = (values: Float32Array, length: number, turned: boolean) =>
    product(matrix, tensor2d(values, [length, width]), turned);
  let basis = spanOf(await across(start, small, !tall), width, large);
  for (let pass = 0; pass < iterations; pass++) {
    const back = spanOf(await across(stacked(basis), large, tall), width, small);
    basis = spanOf(await across(stacked(back), small, !tall), width, large);
  }
  return { projected: { values: await across(stacked(basis), large, tall), rows: small, columns: width }, basis };
}

/** `M X` or `Mᵀ X` out of the backend; frees X. */
async function product(matrix: Tensor2D, right: Tensor2D, turned: boolean): Promise<Float32Array> {
  const result = tidy(() => matMul(matrix, right, turned, false));
  right.dispose();
  const values = (await result.data()) as Float32Array;
  result.dispose();
  return values;
}

/** An orthonormal basis of the columns of `[size, count]`. */
function spanOf(values: Float32Array, count: number, size: number): Float64Array[] {
  const column = (at: number) => Float64Array.from({ length: size }, (_, row) => values[row * count + at]!);
  return orthonormal(count, size, column);
}

/** Vectors as the columns of `[size, count]`. */
function stacked(vectors: Float64Array[]): Float32Array {
  const count = vectors.length;
  return Float32Array.from({ length: vectors[0]!.length * count }, (_, at) => {
    return vectors[at % count]![Math.floor(at / count)]!;
  });
}
