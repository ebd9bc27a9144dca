import { turned, type Matrix } from './matrix.js';
import { orthogonalRows } from './orthogonal-rows.js';
import { product } from './product.js';
import { smallSvd, type Svd } from './small-svd.js';

/**
 * The singular value decomposition of a product of thin factors, `aᵀ b`, which is never formed: with `a = L P` and
 * `b = R Q`, `aᵀ b = Pᵀ (Lᵀ R) Q`, and `Lᵀ R` is `[rank, rank]` at most.
 *
 * @param a `[rank, rows]`  @param b `[rank, columns]`
 * @returns of as many singular values as the product can have, `min(rank, rows, columns)`
 */
export function productSvd(a: Matrix, b: Matrix): Svd {
  const [left, right] = [orthogonalRows(a), orthogonalRows(b)];
  const core = smallSvd(product(turned(left.r), right.r));
  return { left: product(core.left, left.q), values: core.values, right: product(core.right, right.q) };
}
