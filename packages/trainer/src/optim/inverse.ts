/**
 * The inverse of a symmetric positive definite `[size, size]` matrix, by Gauss and Jordan's method in float64: a pivot of
 * such a matrix is positive where it stands, so none is looked for.
 */
export function inverse(matrix: Float64Array, size: number): Float64Array {
  const left = Float64Array.from(matrix);
  const right = Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
  for (let pivot = 0; pivot < size; pivot++) {
    const scale = 1 / left[pivot * size + pivot]!;
    for (const half of [left, right]) {
      for (let column = 0; column < size; column++) half[pivot * size + column]! *= scale;
    }
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const share = left[row * size + pivot]!;
      for (const half of [left, right]) {
        for (let column = 0; column < size; column++) {
          half[row * size + column]! -= share * half[pivot * size + column]!;
        }
      }
    }
  }
  return right;
}
