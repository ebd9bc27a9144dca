import type { ActivationMoments } from '../activations/activation-moments.js';
import type { Factors } from './drawn-factors.js';
import { times, type Matrix } from './top-singular.js';
import { topEigen } from './top-eigen.js';

/** Directions of a module's inputs and how much of them each explains. */
export interface PrincipalComponents {
  /** Variances along the directions, from the largest on. */
  variances: number[];
  /** Of length 1, `[in]` each. */
  directions: Float64Array[];
  /** Of all inputs, in every direction: a variance over it is the share that its direction explains. */
  total: number;
}

/** The `count` directions along which inputs vary most about their mean, in float64. */
export function principalComponents(moments: ActivationMoments, count: number): PrincipalComponents {
  const covariance = covarianceOf(moments);
  const size = covariance.rows;
  const pairs = topEigen({ size, apply: (vector) => times(covariance, vector) }, count);
  let total = 0;
  for (let at = 0; at < size; at++) total += covariance.values[at * (size + 1)]!;
  return {
    variances: pairs.map(({ value }) => Math.max(value, 0)),
    directions: pairs.map(({ vector }) => vector),
    total,
  };
}

/**
 * EVA's factors: A's columns are the principal components of what the module is given, B is zero. PEFT's but for signs,
 * of all positions at once instead of batch after batch until little changes.
 *
 * @param moments of the module's inputs
 * @see Paischer et al. 2024, https://arxiv.org/abs/2410.07170, section 3
 */
export function eva(moments: ActivationMoments, { rank, out }: { rank: number; out: number }): Factors {
  const { directions } = principalComponents(moments, rank);
  const a = new Float32Array(moments.mean.length * rank);
  directions.forEach((direction, column) => {
    direction.forEach((value, row) => (a[row * rank + column] = value));
  });
  return { a, b: new Float32Array(rank * out) };
}

/** `E[xᵀ x] - E[x]ᵀ E[x]`, `[in, in]`. */
function covarianceOf({ mean, second }: ActivationMoments): Matrix & { values: Float64Array } {
  const size = mean.length;
  const values = Float64Array.from(second, (value, at) => value - mean[Math.floor(at / size)]! * mean[at % size]!);
  return { values, rows: size, columns: size };
}
