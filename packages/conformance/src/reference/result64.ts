/** An op in float64: its value, flat, and what a gradient of the value means for each input. */
export interface Result64 {
  value: Float64Array;
  gradient: (dy: Float64Array) => Float64Array[];
}

/** Of a row-major matrix or a longer tensor, where all axes but the last are rows. */
export function eachRow(
  x: Float64Array,
  width: number,
  of: (row: Float64Array, index: number) => ArrayLike<number>,
): Float64Array {
  const result = new Float64Array(x.length);
  for (let from = 0; from < x.length; from += width) {
    result.set(of(x.subarray(from, from + width), from / width), from);
  }
  return result;
}

/** `Σ left · right`. */
export function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number);
  return sum;
}
