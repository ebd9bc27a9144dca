import type { PlainTensor } from '@lowrank/core/plan';

const tile = 32;

/**
 * A matrix on its side: between `[out, in]`, as PyTorch keeps a linear's weight, and our `[in, out]`.
 * In tiles, so that both reads and writes stay in cache.
 *
 * @param tensor `[rows, columns]` @returns `[columns, rows]`, owned by the caller
 */
export function transposed({ shape, data }: PlainTensor): PlainTensor {
  const [rows, columns] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(top + tile, rows);
    for (let left = 0; left < columns; left += tile) {
      const right = Math.min(left + tile, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          turned[column * rows + row] = data[row * columns + column] as number;
        }
      }
    }
  }
  return { shape: [columns, rows], data: turned };
}
