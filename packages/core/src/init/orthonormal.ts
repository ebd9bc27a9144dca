import { deriveSeed } from '../random/derive-seed.js';
import { randomFloats } from '../random/random-floats.js';

/**
 * An orthonormal basis of vectors taken one after the other, as a QR decomposition's Q but for signs: Gram and
 * Schmidt's method in float64, twice, which leaves errors of rounding only. Where a vector adds no direction, a random
 * one stands in for it.
 *
 * @param vectorAt vector `index`, of `size` values
 * @returns `count` vectors of `size` values
 * @see Giraud et al. 2005, https://doi.org/10.1007/s00211-005-0615-4
 */
export function orthonormal(
  count: number,
  size: number,
  vectorAt: (index: number) => ArrayLike<number>,
): Float64Array[] {
  const basis: Float64Array[] = [];
  for (let index = 0; index < count; index++) {
    const vector = Float64Array.from(vectorAt(index));
    basis.push(normalised(vector, basis) ?? randomBeside(basis, size, index));
  }
  return basis;
}

/** A unit vector at right angles to all of `basis`, which spans less than the whole space. */
export function randomBeside(basis: Float64Array[], size: number, seed: number): Float64Array {
  for (let attempt = 0; ; attempt++) {
    const drawn = randomFloats(size, { distribution: 'normal', seed: deriveSeed(seed, `beside/${attempt}`) });
    const vector = normalised(Float64Array.from(drawn), basis);
    if (vector) return vector;
  }
}

/** What is left of a vector, in place, without its shares of `basis`; its length now. */
export function withoutShares(vector: Float64Array, basis: Float64Array[]): number {
  for (let pass = 0; pass < 2; pass++) {
    for (const unit of basis) {
      const share = dot(vector, unit);
      for (let index = 0; index < vector.length; index++) vector[index]! -= share * unit[index]!;
    }
  }
  return Math.sqrt(dot(vector, vector));
}

export function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < left.length; index++) total += left[index]! * right[index]!;
  return total;
}

/** In place; undefined where next to nothing is left beside `basis`. */
function normalised(vector: Float64Array, basis: Float64Array[]): Float64Array | undefined {
  const before = Math.sqrt(dot(vector, vector));
  const length = withoutShares(vector, basis);
  if (!(length > 1e-12 * before)) return undefined;
  for (let index = 0; index < vector.length; index++) vector[index]! /= length;
  return vector;
}
