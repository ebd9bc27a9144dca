import { randomFloats } from '@lowrank/core';
import { matrixOf, squares, topRows, turned, type Matrix } from './matrix.js';
import { orthogonalRows } from './orthogonal-rows.js';
import { product, productTurned } from './product.js';
import { smallSvd, type Svd } from './small-svd.js';

/**
 * The `rank` largest singular values of a whole matrix, with their vectors. Exact where the smaller side is not much
 * more than the rank; else by power iterations on a random start, until the next one adds less than a millionth to what
 * is captured. The same matrix gives the same bits.
 *
 * @param matrix `[rows, columns]`, finite
 * @returns fewer than `rank` where the smaller side is less
 * @see Halko, Martinsson and Tropp 2011, https://arxiv.org/abs/0909.4061, algorithm 4.4
 */
export function truncatedSvd(matrix: Matrix, rank: number): Svd {
  const side = Math.min(matrix.rows, matrix.columns);
  const kept = Math.min(rank, side);
  const sketch = kept + spare;
  const svd = side <= smallSide || 2 * sketch >= side ? exactSvd(matrix) : iteratedSvd(matrix, kept, sketch);
  return { left: topRows(svd.left, kept), values: svd.values.slice(0, kept), right: topRows(svd.right, kept) };
}

const spare = 10;
const smallSide = 96;
const mostIterations = 50;

function exactSvd(matrix: Matrix): Svd {
  if (matrix.rows > matrix.columns) {
    const { left, values, right } = exactSvd(turned(matrix));
    return { left: right, values, right: left };
  }
  const { r, q } = orthogonalRows(matrix);
  const { left, values, right } = smallSvd(r);
  return { left, values, right: product(right, q) };
}

/** Of a subspace of `sketch` directions, which turns towards the first `kept`. */
function iteratedSvd(matrix: Matrix, kept: number, sketch: number): Svd {
  const start = randomFloats(sketch * matrix.rows, { distribution: 'normal', seed: 1 });
  let rows = product(matrixOf(start, sketch, matrix.rows), matrix);
  let captured = 0;
  for (let iteration = 1; ; iteration++) {
    const across = orthogonalRows(rows).q;
    const along = orthogonalRows(productTurned(across, matrix)).q;
    rows = product(along, matrix);
    const { r, q } = orthogonalRows(rows);
    const { left, values, right } = smallSvd(r);
    const now = squares(values.subarray(0, kept));
    if (now - captured <= 1e-6 * now || iteration === mostIterations) {
      return { left: product(left, along), values, right: product(right, q) };
    }
    captured = now;
  }
}
