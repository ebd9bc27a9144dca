/** `[rows, inner] x [inner, columns]` in float64, the plainest way. */
export function matMul64(
  left: Float64Array,
  right: Float64Array,
  [rows, inner, columns]: [rows: number, inner: number, columns: number],
): Float64Array {
  const product = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let index = 0; index < inner; index++) {
      const value = left[row * inner + index] as number;
      for (let column = 0; column < columns; column++) {
        product[row * columns + column]! += value * (right[index * columns + column] as number);
      }
    }
  }
  return product;
}

export function transposed64(matrix: Float64Array, [rows, columns]: [rows: number, columns: number]): Float64Array {
  return matrix.map((_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)] as number);
}
