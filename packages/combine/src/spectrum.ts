import { squares } from './matrix/matrix.js';

/**
 * The fewest of the largest singular values whose squares sum to `energy` of all of theirs; 1 at least.
 *
 * @param values from the largest on  @param energy above 0, up to 1
 */
export function rankForEnergy(values: ArrayLike<number>, energy: number): number {
  const wanted = energy * squares(values);
  let sum = 0;
  for (let index = 0; index < values.length; index++) {
    sum += (values[index] as number) ** 2;
    if (sum >= wanted) return index + 1;
  }
  return Math.max(1, values.length);
}

/** How much of a matrix is lost when only its `rank` largest singular values stay: `‖dropped‖ / ‖all‖`, 0 of zeros. */
export function truncationError(values: Float64Array, rank: number): number {
  const all = squares(values);
  return all === 0 ? 0 : Math.sqrt(squares(values.subarray(rank)) / all);
}

/**
 * `exp(-Σ pᵢ ln pᵢ)` with `pᵢ = σᵢ / Σσ`: how many directions the update is spread over; 0 of zeros.
 *
 * @see Roy and Vetterli 2007, The effective rank: a measure of effective dimensionality
 */
export function effectiveRank(values: Float64Array): number {
  const sum = values.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  return Math.exp(
    -values.reduce((entropy, value) => entropy + (value > 0 ? (value / sum) * Math.log(value / sum) : 0), 0),
  );
}

/** `‖M‖²_F / σ₁²`: the number of directions, were each as strong as the strongest; 0 of zeros. */
export function stableRank(values: Float64Array): number {
  const [largest = 0] = values;
  return largest === 0 ? 0 : squares(values) / largest ** 2;
}
