/**
 * The fewest of the largest singular values whose squares sum to `energy` of `all`; 1 at least, and all of them where
 * they do not.
 *
 * @param values from the largest on  @param energy above 0, up to 1
 */
export function rankForEnergy(values: ArrayLike<number>, energy: number, all: number = squares(values)): number {
  const wanted = energy * all;
  let sum = 0;
  for (let index = 0; index < values.length; index++) {
    sum += (values[index] as number) ** 2;
    if (sum >= wanted) return index + 1;
  }
  return Math.max(1, values.length);
}

/** How much of a matrix is lost when only its `rank` largest singular values stay: `‖dropped‖ / ‖all‖`, 0 of zeros. */
export function truncationError(values: ArrayLike<number>, rank: number): number {
  const all = squares(values);
  return all === 0 ? 0 : Math.sqrt(squares(Array.from(values).slice(rank)) / all);
}

/**
 * `exp(-Σ pᵢ ln pᵢ)` with `pᵢ = σᵢ / Σσ`: how many directions a matrix is spread over; 0 of zeros.
 *
 * @param values all of its singular values
 * @see Roy and Vetterli 2007, The effective rank: a measure of effective dimensionality
 */
export function effectiveRank(values: ArrayLike<number>): number {
  const all = Array.from(values);
  const sum = all.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  return Math.exp(
    -all.reduce((entropy, value) => entropy + (value > 0 ? (value / sum) * Math.log(value / sum) : 0), 0),
  );
}

/**
 * `‖M‖²_F / σ₁²`: the number of directions, were each as strong as the strongest; 0 of zeros.
 *
 * @param values from the largest on  @param energy `‖M‖²_F`, where not all values are given
 */
export function stableRank(values: ArrayLike<number>, energy: number = squares(values)): number {
  const largest = values[0] ?? 0;
  return largest === 0 ? 0 : energy / largest ** 2;
}

function squares(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value ** 2, 0);
}
