/** The transpose of a matrix `[rows, columns]`, as float64. */
export function transposed64(
  matrix: ArrayLike<number>,
  [rows, columns]: [rows: number, columns: number],
): Float64Array {
  return Float64Array.from(
    { length: matrix.length },
    (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)] as number,
  );
}
