/** Sides of the square blocks that are moved at a time, so that both matrices stay in the first-level cache. */
const block = 16;

/** Writes the transpose of a `[rows, columns]` matrix to `target`. */
export function transposeMatrix(
  source: Float32Array,
  target: Float32Array,
  [rows, columns]: [rows: number, columns: number],
): void {
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(rows, top + block);
    for (let left = 0; left < columns; left += block) {
      const right = Math.min(columns, left + block);
      for (let column = left; column < right; column++) {
        for (let row = top; row < bottom; row++) {
          target[column * rows + row] = source[row * columns + column] as number;
        }
      }
    }
  }
}
