import { concat, split, type Tensor4D } from '@tensorflow/tfjs-core';
import type { KvCache } from './kv-cache.js';

/** Queries, keys and values of the newest positions, each `[batch, heads, seq, headDim]`. */
export type Heads = [q: Tensor4D, k: Tensor4D, v: Tensor4D];

/** The caches of a pass, with the positions that each holds: one for all rows, or one for each row, which may differ. */
export function cachesOf(cache: KvCache | readonly KvCache[] | undefined): { past: number; cache?: KvCache }[] {
  const all = cache === undefined ? [] : 'append' in cache ? [cache] : cache;
  return all.length === 0 ? [{ past: 0 }] : all.map((one) => ({ past: one.length, cache: one }));
}

/**
 * Attention of rows that have read different numbers of positions: row by row, for it is the one part of a block where
 * rows do not share weights; a single part takes all rows at once.
 *
 * @returns `[batch, heads, seq, headDim]`
 */
export function eachPart<Part>(
  parts: readonly Part[],
  heads: Heads,
  attend: (part: Part, ...heads: Heads) => Tensor4D,
): Tensor4D {
  if (parts.length === 1) return attend(parts[0] as Part, ...heads);
  const [q, k, v] = heads.map((x) => split(x, parts.length, 0)) as [Tensor4D[], Tensor4D[], Tensor4D[]];
  return concat(
    parts.map((part, row) => attend(part, q[row] as Tensor4D, k[row] as Tensor4D, v[row] as Tensor4D)),
    0,
  );
}
