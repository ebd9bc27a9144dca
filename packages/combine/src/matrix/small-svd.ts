import { invariant } from '@lowrank/core';
import { Matrix as Dense, SingularValueDecomposition } from 'ml-matrix';
import { turned, type Matrix } from './matrix.js';

/** A matrix as `Σ values[i] · left[i]ᵀ right[i]`. */
export interface Svd {
  /** Orthonormal rows, `[kept, rows]`. */
  left: Matrix;
  /** From the largest on, none negative. */
  values: Float64Array;
  /** Orthonormal rows, `[kept, columns]`. */
  right: Matrix;
}

/**
 * The singular value decomposition of a matrix of at most some hundred rows or columns, in float64.
 *
 * @param matrix `[rows, columns]`, finite; `kept` is the smaller side
 */
export function smallSvd(matrix: Matrix): Svd {
  if (matrix.rows < matrix.columns) {
    const { left, values, right } = smallSvd(turned(matrix));
    return { left: right, values, right: left };
  }
  const svd = new SingularValueDecomposition(Dense.from1DArray(matrix.rows, matrix.columns, matrix.data));
  const values = Float64Array.from(svd.diagonal);
  invariant(values.every(Number.isFinite), 'a singular value is not finite');
  const kept = matrix.columns;
  return {
    left: rowsOf(svd.leftSingularVectors, kept),
    values,
    right: rowsOf(svd.rightSingularVectors, kept),
  };
}

/** The first columns of a matrix as rows. */
function rowsOf(vectors: Dense, kept: number): Matrix {
  const data = new Float64Array(kept * vectors.rows);
  for (let column = 0; column < kept; column++) data.set(vectors.getColumn(column), column * vectors.rows);
  return { rows: kept, columns: vectors.rows, data };
}
