import { zeros, type Matrix } from './matrix.js';

/**
 * `left · right`. Runs along rows of both, so that every access is in line; a zero on the left costs nothing.
 *
 * @param left `[rows, inner]`  @param right `[inner, columns]`  @returns `[rows, columns]`
 */
export function product(left: Matrix, right: Matrix): Matrix {
  const { rows, columns: inner, data: a } = left;
  const { columns, data: b } = right;
  const result = zeros(rows, columns);
  for (let row = 0; row < rows; row++) {
    addRow(result.data.subarray(row * columns, (row + 1) * columns), a.subarray(row * inner, (row + 1) * inner), b);
  }
  return result;
}

/**
 * `left · rightᵀ`: each value is a dot product of two rows.
 *
 * @param left `[rows, inner]`  @param right `[columns, inner]`  @returns `[rows, columns]`
 */
export function productTurned(left: Matrix, right: Matrix): Matrix {
  const { rows, columns: inner, data: a } = left;
  const { rows: columns, data: b } = right;
  const result = zeros(rows, columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let total = 0;
      for (let index = 0; index < inner; index++) {
        total += (a[row * inner + index] as number) * (b[column * inner + index] as number);
      }
      result.data[row * columns + column] = total;
    }
  }
  return result;
}

/** Four rows of `b` at a time, so that the sums are read and written a quarter as often. */
function addRow(sums: Float64Array, a: Float64Array, b: Float64Array): void {
  const width = sums.length;
  let index = 0;
  for (; index + 3 < a.length; index += 4) {
    const [a0, a1, a2, a3] = a.subarray(index, index + 4) as unknown as [number, number, number, number];
    const at = index * width;
    for (let column = 0; column < width; column++) {
      (sums[column] as number) +=
        a0 * (b[at + column] as number) +
        a1 * (b[at + width + column] as number) +
        a2 * (b[at + 2 * width + column] as number) +
        a3 * (b[at + 3 * width + column] as number);
    }
  }
  for (; index < a.length; index++) {
    const factor = a[index] as number;
    for (let column = 0; column < width; column++) {
      (sums[column] as number) += factor * (b[index * width + column] as number);
    }
  }
}
