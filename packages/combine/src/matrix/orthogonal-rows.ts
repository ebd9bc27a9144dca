import { squares, zeros, type Matrix } from './matrix.js';

/** A matrix as `r · q`. */
export interface RowFactors {
  /** Lower triangular, `[rows, kept]`. */
  r: Matrix;
  /** Orthonormal rows, `[kept, columns]`, where `kept` is the smaller side. */
  q: Matrix;
}

/**
 * A QR decomposition of the transpose, by Householder reflections: `matrix = r · q`. Rows that depend on each other, and
 * zeros, do it no harm: the rows of `q` are orthonormal whatever comes.
 *
 * @param matrix `[rows, columns]`
 * @see Golub and Van Loan, Matrix Computations, 4th edition, section 5.2.2
 */
export function orthogonalRows(matrix: Matrix): RowFactors {
  const { rows, columns } = matrix;
  const kept = Math.min(rows, columns);
  const work = matrix.data.slice();
  const row = (index: number) => work.subarray(index * columns, (index + 1) * columns);
  const mirrors: Mirror[] = [];
  for (let step = 0; step < kept; step++) {
    const mirror = mirrorOf(row(step), step);
    mirrors.push(mirror);
    for (let below = step; below < rows; below++) reflect(row(below), mirror);
  }
  const r = zeros(rows, kept);
  for (let index = 0; index < rows; index++) {
    r.data.set(row(index).subarray(0, Math.min(index + 1, kept)), index * kept);
  }
  const q = zeros(kept, columns);
  for (let index = 0; index < kept; index++) {
    const own = q.data.subarray(index * columns, (index + 1) * columns);
    own[index] = 1;
    for (const mirror of mirrors.toReversed()) reflect(own, mirror);
  }
  return { r, q };
}

interface Mirror {
  /** Where the vector starts. */
  from: number;
  vector: Float64Array;
  /** `2 / |vector|²`, or 0 where there is nothing to reflect. */
  factor: number;
}

/** The reflection that brings all of `values` from `from` on into its first place. */
function mirrorOf(values: Float64Array, from: number): Mirror {
  const vector = values.slice(from);
  const norm = Math.sqrt(squares(vector));
  vector[0] = (vector[0] as number) + ((vector[0] as number) < 0 ? -norm : norm);
  const square = squares(vector);
  return { from, vector, factor: square === 0 ? 0 : 2 / square };
}

function reflect(values: Float64Array, { from, vector, factor }: Mirror): void {
  let dot = 0;
  for (let index = 0; index < vector.length; index++)
    dot += (vector[index] as number) * (values[from + index] as number);
  const share = factor * dot;
  if (share === 0) return;
  for (let index = 0; index < vector.length; index++) {
    (values[from + index] as number) -= share * (vector[index] as number);
  }
}
