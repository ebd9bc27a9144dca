import { LowrankError } from '@lowrank/core/plan';
import { kinds, predictSeconds, type Speed, type Work } from './predict-seconds.js';

/** A step that was measured. */
export interface SpeedSample {
  work: Work;
  seconds: number;
}

/**
 * How fast a backend is by steps that were measured: least squares of relative errors over costs that are not below 0. A
 * kind of work that explains nothing costs nothing. `known` speeds, such as the products that `lowrank doctor` measures,
 * are taken as they are.
 *
 * @throws `config-invalid` without a sample, or for one that took no time or a time that is not finite
 */
export function fitSpeed(samples: SpeedSample[], known: Partial<Speed> = {}): Speed {
  for (const { seconds } of samples) if (!(seconds > 0 && Number.isFinite(seconds))) throw impossible(seconds);
  if (samples.length === 0) throw impossible(undefined);
  const open = kinds.filter((kind) => known[kind] === undefined && samples.some(({ work }) => work[kind] > 0));
  const rows = samples.map(({ work, seconds }) => ({
    columns: open.map((kind) => work[kind] / seconds),
    rest: 1 - predictSeconds(work, known) / seconds,
  }));
  const costs = nonNegative(rows, open.length);
  const fitted: Partial<Speed> = Object.fromEntries(open.map((kind, index) => [kind, 1 / (costs[index] as number)]));
  return Object.fromEntries(kinds.map((kind) => [kind, known[kind] ?? fitted[kind] ?? Infinity])) as Speed;
}

interface Row {
  columns: number[];
  rest: number;
}

/** The best of the least-squares solutions over each choice of columns, of those that have none below 0: columns are few. */
function nonNegative(rows: Row[], count: number): number[] {
  let best = { costs: Array.from({ length: count }, () => 0), error: errorOf(rows, []) };
  for (let choice = 1; choice < 2 ** count; choice++) {
    const chosen = Array.from({ length: count }, (_, column) => column).filter((column) => (choice >> column) & 1);
    const solved = leastSquares(rows, chosen);
    if (!solved || solved.some((cost) => !(cost >= 0))) continue;
    const costs = Array.from({ length: count }, (_, column) => solved[chosen.indexOf(column)] ?? 0);
    const error = errorOf(rows, costs);
    if (error < best.error) best = { costs, error };
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

function impossible(seconds: number | undefined): LowrankError {
  return new LowrankError('config-invalid', {
    given: seconds === undefined ? 'no measured step' : `a step of ${seconds} seconds`,
    rule: 'speeds come of at least one step, each of a time above 0',
    fix: 'measure some steps of different batches',
  });
}
