import { LowrankError, truncationError, type Adapter } from '@lowrank/core';
import { assemble } from './adapter/assemble.js';
import { joinedConfig } from './adapter/joined-config.js';
import { joinedSaved } from './adapter/joined-saved.js';
import { readParts } from './adapter/read-parts.js';
import { rankOf, type Update } from './adapter/update.js';
import { checkAverageable } from './average/check-averageable.js';
import { inOneOrder } from './average/in-one-order.js';
import { sharesOf } from './average/shares-of.js';
import { sumSvd } from './kinds/of-update.js';
import type { Term } from './kinds/term.js';
import { scaled, scaledRows, squares, topRows, zeros, type Matrix } from './matrix/matrix.js';

/** Of `averageAdapters`. */
export interface AverageOptions {
  /**
   * `frozen-a`: all have the same A, to the bit, as LoRA-FA leaves it, and B is averaged: exact.
   * `product`: the mean of the updates, cut back to the adapters' rank by its SVD.
   */
  method: 'frozen-a' | 'product';
  /** What each counts, such as the tokens it was trained on: not negative, in any unit. Default: all the same. */
  weights?: readonly number[];
}

/** An average, and what it lost. */
export interface Averaged {
  adapter: Adapter;
  modules: AveragedModule[];
}

/** What a module lost by being averaged. */
export interface AveragedModule {
  path: string;
  rank: number;
  /** `‖mean of updates - result‖ / ‖mean of updates‖`, before rounding to float32; 0 by `frozen-a`. */
  error: number;
}

/**
 * The adapter whose update is the mean of the updates of several that were trained from one start: ranks and scalings stay,
 * so that training can go on from it. The mean of A and the mean of B would be another thing, since
 * `mean(A) mean(B) ≠ mean(A B)`; it is not offered. The order of the adapters changes no bit of the result.
 *
 * By `product`, A is `c U` with orthonormal U, and `c` the root mean square size that a column of A had, so that A and B
 * go on learning as they did; what has no singular value has B zero, as at the start. No `[in, out]` matrix is formed.
 *
 * Throws `config-invalid` for the options, `adapter-mismatch` where modules, ranks, scalings or, by `frozen-a`, A differ,
 * and as `combine` for an adapter that it does not take.
 *
 * @see Sun et al. 2024, https://arxiv.org/abs/2403.12313, which freezes A for this reason
 */
export function averageAdapters(adapters: readonly Adapter[], { method, weights }: AverageOptions): Averaged {
  checkMethod(method);
  const shares = sharesOf(weights, adapters.length);
  const parts = inOneOrder(
    adapters.map((adapter, at) => ({ ...readParts(`adapter ${at + 1}`, adapter), weight: shares[at] as number })),
  );
  checkAverageable(parts, method);
  const saved = joinedSaved(parts, parts);
  const made = [...(parts[0]?.updates.keys() ?? [])].map((path) =>
    averageModule(
      parts.map(({ updates, given, weight }, place) => ({ update: updates.get(path) as Update, given, weight, place })),
      method,
    ),
  );
  const updates = made.map(({ update }) => update);
  const configs = parts.map(({ config }) => config);
  return {
    adapter: assemble({ ...joinedConfig(configs, updates), ...saved.config }, updates, saved.tensors),
    modules: made.map(({ update, error }) => ({ path: update.path, rank: rankOf(update), error })),
  };
}

function averageModule(terms: Term[], method: AverageOptions['method']): { update: Update; error: number } {
  const [{ update: first }] = terms as [Term, ...Term[]];
  const biases = terms.flatMap(({ update: { bias }, weight }) =>
    bias ? [{ weight, matrix: { rows: 1, columns: bias.length, data: bias } }] : [],
  );
  const bias = biases.length > 0 ? mean(biases).data : undefined;
  if (method === 'frozen-a') {
    const right = mean(terms.map(({ update, weight }) => ({ weight, matrix: update.right })));
    return { update: { ...first, right, bias }, error: 0 };
  }
  const { left, values, right } = sumSvd(terms);
  const [rank, size] = [rankOf(first), columnSize(terms)];
  const kept = Math.min(rank, values.length);
  const onB = values.subarray(0, kept).map((value) => value / (size * first.scaling));
  const made = {
    left: padded(scaled(topRows(left, kept), size), rank),
    right: padded(scaledRows(topRows(right, kept), onB), rank),
  };
  return { update: { ...first, ...made, bias }, error: truncationError(values, kept) };
}

function mean(parts: { weight: number; matrix: Matrix }[]): Matrix {
  const first = (parts[0] as { matrix: Matrix }).matrix;
  const sum = zeros(first.rows, first.columns);
  for (const { weight, matrix } of parts) {
    for (let at = 0; at < sum.data.length; at++) (sum.data[at] as number) += weight * (matrix.data[at] as number);
  }
  return sum;
}

/** Root mean square over the adapters of how long a column of A is; 1 where A is zero. */
function columnSize(terms: Term[]): number {
  const square = terms.reduce(
    (sum, { update, weight }) => sum + (weight * squares(update.left.data)) / rankOf(update),
    0,
  );
  return Math.sqrt(square) || 1;
}

/** Rows of zeros below, where the sides of the weight allow fewer directions than the rank. */
function padded({ rows, columns, data }: Matrix, to: number): Matrix {
  if (rows === to) return { rows, columns, data };
  const result = zeros(to, columns);
  result.data.set(data);
  return result;
}

function checkMethod(method: string): void {
  if (method === 'frozen-a' || method === 'product') return;
  throw new LowrankError('config-invalid', {
    given: `method: ${JSON.stringify(method)}`,
    rule: 'averaging A and B apart is not averaging their products, so one of them has to be said',
    fix: 'give "frozen-a" for adapters with the same A, else "product"',
  });
}
