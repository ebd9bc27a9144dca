import type { BlockFormat } from '@lowrank/core';
import type { Weights } from './folder/weights.js';

/** How the matrices of a base are kept: in one format throughout, or as their file has them. */
export type Quantise = BlockFormat | 'stored';

/** How one matrix is packed. */
export interface Packing {
  format: BlockFormat;
  /** Values that share a scale; left out, `blockOf` says. */
  block?: number;
}

/** How `quantise` keeps the matrix of each name; undefined in float32. */
export function packings(
  quantise: Quantise | undefined,
  weights: Pick<Weights, 'packing'>,
): (name: string) => Packing | undefined {
  if (quantise === undefined) return () => undefined;
  if (quantise === 'stored') return (name) => weights.packing(name);
  return () => ({ format: quantise });
}
