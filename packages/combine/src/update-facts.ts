import { effectiveRank, stableRank } from '@lowrank/core';
import { rankOf, type Update } from './adapter/update.js';
import { scaled, squares, stacked, turned } from './matrix/matrix.js';
import { orthogonalRows } from './matrix/orthogonal-rows.js';
import { productSvd } from './matrix/product-svd.js';
import { product, productTurned } from './matrix/product.js';

/** What one adapter does to one module. */
export interface UpdateFacts {
  /** Of A, with a convolution's kernel. */
  in: number;
  out: number;
  rank: number;
  scaling: number;
  /** Frobenius norm of the update. */
  norm: number;
  /** Singular values of the update, from the largest on. */
  spectrum: number[];
  /** `exp` of the entropy of the singular values: over how many directions the update is spread. */
  effectiveRank: number;
  /** `‖update‖² / σ₁²` */
  stableRank: number;
}

export function updateFacts(update: Update): UpdateFacts {
  const { left, right, scaling } = update;
  const values = productSvd(left, right).values.map((value) => value * scaling);
  return {
    in: left.columns,
    out: right.columns,
    rank: rankOf(update),
    scaling,
    norm: Math.sqrt(squares(values)),
    spectrum: [...values],
    effectiveRank: effectiveRank(values),
    stableRank: stableRank(values),
  };
}

/** `⟨one, other⟩ = Σ (L₁ L₂ᵀ) ∘ (R₁ R₂ᵀ)`, times both scalings. */
export function innerProduct(one: Update, other: Update): number {
  const lefts = productTurned(one.left, other.left).data;
  const rights = productTurned(one.right, other.right).data;
  const sum = lefts.reduce((total, value, index) => total + value * (rights[index] as number), 0);
  return one.scaling * other.scaling * sum;
}

/** `‖one - other‖`, by the factors of the difference, so that two that are almost alike lose no digits. */
export function differenceNorm(one: Update, other: Update): number {
  const lefts = [scaled(one.left, one.scaling), scaled(other.left, -other.scaling)];
  const left = orthogonalRows(stacked(lefts)).r;
  const right = orthogonalRows(stacked([one.right, other.right])).r;
  return Math.sqrt(squares(product(turned(left), right).data));
}

/** Null where one of the two is zero. */
export function cosineOf(inner: number, norm: number, other: number): number | null {
  return norm === 0 || other === 0 ? null : Math.max(-1, Math.min(1, inner / norm / other));
}
