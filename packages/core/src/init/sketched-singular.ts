import type { Tensor2D } from '@tensorflow/tfjs-core';
import { sketch, type SketchOptions } from './sketch.js';
import { topSingular, type SingularTriplet } from './top-singular.js';

/** The `count` largest singular values of a sketch of a matrix `[rows, columns]` with their vectors, largest first. */
export async function sketchedSingular(
  matrix: Tensor2D,
  { count, ...options }: SketchOptions & { count: number },
): Promise<SingularTriplet[]> {
  const { projected, basis } = await sketch(matrix, options);
  const [rows, columns] = matrix.shape;
  return topSingular(projected, count).map(({ value, left, right }) => {
    const lifted = combination(basis, right);
    return rows >= columns ? { value, left: lifted, right: left } : { value, left, right: lifted };
  });
}

function combination(vectors: Float64Array[], shares: Float64Array): Float64Array {
  return Float64Array.from(vectors[0]!, (_, at) => {
    return vectors.reduce((total, vector, index) => total + vector[at]! * shares[index]!, 0);
  });
}
