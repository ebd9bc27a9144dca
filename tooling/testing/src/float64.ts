/** `[rows, inner] x [inner, columns]` in float64, the plainest way: what matMuls are held against. */
export function matMul64(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  [rows, inner, columns]: [number, number, number],
): Float64Array {
  const product = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let total = 0;
      for (let index = 0; index < inner; index++) {
        total += (left[row * inner + index] as number) * (right[index * columns + column] as number);
      }
      product[row * columns + column] = total;
    }
  }
  return product;
}

/** A float64 copy of `values` with `of` applied to each. */
export function mapped(values: ArrayLike<number>, of: (value: number, index: number) => number): Float64Array {
  return Float64Array.from({ length: values.length }, (_, index) => of(values[index] as number, index));
}
