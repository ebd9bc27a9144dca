/** One equation: the sum of its columns, each by its cost, is its `rest`. */
export interface Row {
  columns: number[];
  rest: number;
}

/** Squared errors that differ by less are the same. */
const rounding = 1e-18;

/**
 * Costs of `count` columns, none below 0, with the least squares of what they leave of `rest`: the best of the solutions
 * over each choice of columns, for columns are few. Where choices leave the same, the first columns explain it.
 */
export function nonNegative(rows: Row[], count: number): number[] {
  let best = { costs: Array.from({ length: count }, () => 0), error: errorOf(rows, []) };
  for (let choice = 1; choice < 2 ** count; choice++) {
    const chosen = Array.from({ length: count }, (_, column) => column).filter((column) => (choice >> column) & 1);
    const solved = leastSquares(rows, chosen);
    if (!solved || solved.some((cost) => !(cost >= 0))) continue;
    const costs = Array.from({ length: count }, (_, column) => solved[chosen.indexOf(column)] ?? 0);
    const error = errorOf(rows, costs);
    if (error < best.error - rounding) best = { costs, error };
  }
  return best.costs;
}

function errorOf(rows: Row[], costs: number[]): number {
  const off = ({ columns, rest }: Row) =>
    costs.reduce((sum, cost, index) => sum + cost * (columns[index] as number), -rest);
  return rows.reduce((sum, row) => sum + off(row) ** 2, 0);
}

/** Solves the normal equations, columns scaled to length 1, by elimination; undefined where they have no one solution. */
function leastSquares(rows: Row[], chosen: number[]): number[] | undefined {
  const lengths = chosen.map((column) => Math.hypot(...rows.map(({ columns }) => columns[column] as number)));
  const scaled = rows.map(({ columns }) => chosen.map((column, index) => columns[column]! / lengths[index]!));
  const matrix = chosen.map((_, i) => [
    ...chosen.map((__, j) => scaled.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
    scaled.reduce((sum, row, at) => sum + row[i]! * rows[at]!.rest, 0),
  ]);
  for (let pivot = 0; pivot < matrix.length; pivot++) {
    const best = matrix
      .slice(pivot)
      .reduce((most, row) => (Math.abs(row[pivot]!) > Math.abs(most[pivot]!) ? row : most));
    if (!(Math.abs(best[pivot]!) > 1e-10)) return undefined;
    matrix.splice(matrix.indexOf(best), 1);
    matrix.splice(pivot, 0, best);
    for (const row of matrix) {
      if (row === best) continue;
      const factor = row[pivot]! / best[pivot]!;
      row.forEach((value, column) => (row[column] = value - factor * best[column]!));
    }
  }
  return matrix.map((row, index) => row.at(-1)! / row[index]! / lengths[index]!);
}
