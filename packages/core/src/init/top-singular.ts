import { dot } from './orthonormal.js';
import { topEigen } from './top-eigen.js';

/** A matrix outside any backend, row after row. */
export interface Matrix {
  /** `[rows, columns]` */
  values: ArrayLike<number>;
  rows: number;
  columns: number;
}

export interface SingularTriplet {
  value: number;
  /** `[rows]`, of length 1; zeros where `value` is 0. */
  left: Float64Array;
  /** `[columns]`, of length 1; zeros where `value` is 0. */
  right: Float64Array;
}

/**
 * The `count` largest singular values of a matrix with their vectors, largest first, in float64: the eigenvectors of the
 * smaller of `M Mᵀ` and `Mᵀ M`, which is never formed. A value is right to about 1e-16 times the square of its ratio to
 * the largest, so the small end of a spectrum is not to be had this way.
 *
 * @throws `not-finite` for a matrix with a value that is not
 */
export function topSingular(matrix: Matrix, count: number): SingularTriplet[] {
  const { rows, columns } = matrix;
  const wide = rows < columns;
  const pairs = topEigen(
    {
      size: wide ? rows : columns,
      apply: (vector) => {
        return wide ? times(matrix, transposedTimes(matrix, vector)) : transposedTimes(matrix, times(matrix, vector));
      },
    },
    count,
  );
  const triplets = pairs.map(({ vector }) => {
    const image = wide ? transposedTimes(matrix, vector) : times(matrix, vector);
    const value = Math.sqrt(dot(image, image));
    const other = image.map((entry) => (value === 0 ? 0 : entry / value));
    const own = value === 0 ? new Float64Array(vector.length) : vector;
    return wide ? { value, left: own, right: other } : { value, left: other, right: own };
  });
  // The smallest of them are rounding alone, in any order.
  return triplets.sort((one, next) => next.value - one.value);
}

/** `M v` `[rows]`. */
export function times({ values, rows, columns }: Matrix, vector: Float64Array): Float64Array {
  const product = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let [even, odd] = [0, 0];
    for (let column = 0; column + 1 < columns; column += 2) {
      even += values[start + column]! * vector[column]!;
      odd += values[start + column + 1]! * vector[column + 1]!;
    }
    if (columns % 2 === 1) even += values[start + columns - 1]! * vector[columns - 1]!;
    product[row] = even + odd;
  }
  return product;
}

/** `Mᵀ v` `[columns]`. */
function transposedTimes({ values, rows, columns }: Matrix, vector: Float64Array): Float64Array {
  const product = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const factor = vector[row]!;
    for (let column = 0; column < columns; column++) product[column]! += factor * values[start + column]!;
  }
  return product;
}
