import type { PlainTensor } from '@lowrank/core';
import { matrixOf, turned, type Matrix } from '../matrix/matrix.js';

/** What an adapter adds to the weight of one module: `scaling · leftᵀ right`, in float64. */
export interface Update {
  path: string;
  kind: 'linear' | 'embedding';
  /** A by its columns, `[rank, in]`. */
  left: Matrix;
  /** B, `[rank, out]`. */
  right: Matrix;
  scaling: number;
  /** On B, `[out]`: multiplied by the scaling too. */
  bias?: Float64Array | undefined;
  sides: FactorSides;
}

/** The sides of the tensors beside their rank: A is `[...before, rank]`, B `[...ones, rank, out]`. */
interface FactorSides {
  before: number[];
  /** Sides of 1: the kernel of a convolution's B. */
  ones: number[];
}

export function rankOf({ left }: Pick<Update, 'left'>): number {
  return left.rows;
}

/** The factors of tensors whose shapes fit, see `readParts`. */
export function factorsOf(a: PlainTensor, b: PlainTensor): Pick<Update, 'left' | 'right' | 'sides'> {
  const [rank, out] = b.shape.slice(-2) as [number, number];
  return {
    left: turned(matrixOf(a.data, a.data.length / rank, rank)),
    right: matrixOf(b.data, rank, out),
    sides: { before: a.shape.slice(0, -1), ones: b.shape.slice(0, -2) },
  };
}

/** The tensors A and B of an update, in float32. */
export function tensorsOf({ left, right, sides }: Update): { a: PlainTensor; b: PlainTensor } {
  return {
    a: { shape: [...sides.before, left.rows], data: Float32Array.from(turned(left).data) },
    b: { shape: [...sides.ones, right.rows, right.columns], data: Float32Array.from(right.data) },
  };
}
