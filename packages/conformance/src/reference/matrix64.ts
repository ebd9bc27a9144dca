/** Numbers of a matrix, row by row. */
export type Matrix = ArrayLike<number>;

/** `left [rows, inner] · right [inner, columns]`. */
export function product64(
  left: Matrix,
  right: Matrix,
  [rows, inner, columns]: [rows: number, inner: number, columns: number],
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let index = 0; index < inner; index++) {
      const factor = left[row * inner + index] as number;
      for (let column = 0; column < columns; column++) {
        result[row * columns + column]! += factor * (right[index * columns + column] as number);
      }
    }
  }
  return result;
}

/** `matrix [rows, columns]` as `[columns, rows]`. */
export function transposed64(matrix: Matrix, [rows, columns]: [rows: number, columns: number]): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return result;
}

/** `left + factor · right`, value by value; `right` starts over where it is shorter, as a bias over rows. */
export function sum64(left: Matrix, right: Matrix, factor = 1): Float64Array {
  return Float64Array.from(
    { length: left.length },
    (_, index) => (left[index] as number) + factor * (right[index % right.length] as number),
  );
}

/** `factor · matrix`. */
export function scaled64(matrix: Matrix, factor: number): Float64Array {
  return Float64Array.from(matrix, (value) => value * factor);
}
