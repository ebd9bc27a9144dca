/**
 * The `density · values.length` values that are largest in size, rounded down; zeros in the place of the others. Of equal
 * ones the first stay.
 */
export function largestKept(values: Float64Array, density: number): Float64Array {
  const count = Math.trunc(density * values.length);
  if (count >= values.length) return values;
  if (count === 0) return new Float64Array(values.length);
  const least = values.map(Math.abs).sort().at(-count) as number;
  let equals = count - values.reduce((sum, value) => sum + (Math.abs(value) > least ? 1 : 0), 0);
  return values.map((value) => {
    const size = Math.abs(value);
    return size > least || (size === least && equals-- > 0) ? value : 0;
  });
}

/**
 * The values that a mask keeps, divided by the density, so that their expected sum stays; zeros in the place of the
 * others.
 *
 * @param mask 1 where a value stays
 * @see Yu et al. 2024 (DARE), https://arxiv.org/abs/2311.03099, eq. 2
 */
export function masked(values: Float64Array, mask: ArrayLike<number>, density: number): Float64Array {
  return values.map((value, index) => (mask[index] === 1 ? value / density : 0));
}
