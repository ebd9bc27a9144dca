import { matMul, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { orthonormal } from './orthonormal.js';
import { topSingular, type SingularTriplet } from './top-singular.js';

export interface SketchOptions {
  /** Values sought. */
  count: number;
  /** Passes over the matrix and back, 0 or more: each brings what is found nearer to the exact values. */
  iterations: number;
  /** Where the search starts: `[min(rows, columns), count]`, or more columns, which help the last values along. */
  start: Float32Array;
}

/**
 * The `count` largest singular values of a matrix with their vectors, largest first, from the span of a few products
 * with random vectors, which are computed on the backend. No value is larger than the exact one, but for rounding.
 *
 * @param matrix `[rows, columns]`
 * @see Halko et al. 2011, https://arxiv.org/abs/0909.4061, algorithms 4.4 and 5.1
 */
export async function sketchedSingular(
  matrix: Tensor2D,
  { count, iterations, start }: SketchOptions,
): Promise<SingularTriplet[]> {
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
  const projected = { values: await across(stacked(basis), large, tall), rows: small, columns: width };
  return topSingular(projected, count).map(({ value, left, right }) => {
    const lifted = combination(basis, right);
    return tall ? { value, left: lifted, right: left } : { value, left, right: lifted };
  });
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

function combination(vectors: Float64Array[], shares: Float64Array): Float64Array {
  return Float64Array.from(vectors[0]!, (_, at) => {
    return vectors.reduce((total, vector, index) => total + vector[at]! * shares[index]!, 0);
  });
}
