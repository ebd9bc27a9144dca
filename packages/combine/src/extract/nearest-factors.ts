import { rankForEnergy } from '@lowrank/core';
import type { Update } from '../adapter/update.js';
import { scaledRows, squares, topRows, type Matrix } from '../matrix/matrix.js';
import type { Svd } from '../matrix/small-svd.js';
import { truncatedSvd } from '../matrix/truncated-svd.js';
import type { SizeChoice } from '../size-choice.js';

/** The nearest product of factors to a whole difference. */
export interface NearestFactors extends Pick<Update, 'left' | 'right'> {
  /** Frobenius norm of the difference. */
  norm: number;
  /** `‖difference - product‖ / ‖difference‖` with factors in float32; 0 of zeros. */
  error: number;
}

/** @param difference `[in, out]`, finite @returns factors whose values are float32's */
export function nearestFactors(difference: Matrix, size: SizeChoice): NearestFactors {
  const all = squares(difference.data);
  const { left, values, right } = cut(difference, size, all);
  const [a, b] = [rounded(left), rounded(scaledRows(right, values))];
  const error = all === 0 ? 0 : Math.sqrt(squaredDistance(difference, a, b) / all);
  return { left: a, right: b, norm: Math.sqrt(all), error };
}

/** With an energy, by ranks that double until it is reached. */
function cut(difference: Matrix, { rank, energy }: SizeChoice, all: number): Svd {
  if (rank !== undefined) return truncatedSvd(difference, rank);
  const side = Math.min(difference.rows, difference.columns);
  for (let most = 16; ; most *= 2) {
    const svd = truncatedSvd(difference, most);
    if (squares(svd.values) < energy * all && most < side) continue;
    const kept = rankForEnergy(svd.values, energy, all);
    return { left: topRows(svd.left, kept), values: svd.values.slice(0, kept), right: topRows(svd.right, kept) };
  }
}

function rounded({ data, ...sides }: Matrix): Matrix {
  return { ...sides, data: data.map(Math.fround) };
}

/** `‖matrix - leftᵀ right‖²`, a row at a time. */
function squaredDistance({ rows, columns, data }: Matrix, left: Matrix, right: Matrix): number {
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const rest = data.slice(row * columns, (row + 1) * columns);
    for (let index = 0; index < left.rows; index++) {
      const factor = left.data[index * rows + row] as number;
      const from = index * columns;
      for (let column = 0; column < columns; column++) {
        (rest[column] as number) -= factor * (right.data[from + column] as number);
      }
    }
    total += squares(rest);
  }
  return total;
}
