import type { TokenBatch } from '@lowrank/core';
import type { BatchSource } from './batch-source.js';
import { groupedBatches } from './grouped-batches.js';
import type { LengthGroupsOptions } from './length-groups.js';
import { paddedRows } from './padded-rows.js';
import type { TokenExample } from './token-example.js';

/**
 * Batches of examples of like lengths, each filled up at its ends to its own longest with id 0 and target -100. A causal
 * model's tokens see nothing behind them, so that filling changes no loss.
 *
 * @throws `config-invalid` for `batch`; `data-invalid` without examples, or for an empty one
 */
export function lengthBatches(
  examples: readonly TokenExample[],
  options: LengthGroupsOptions,
): BatchSource<TokenBatch> {
  return groupedBatches(examples, options, {
    values: ({ ids, targets }) => [ids, targets],
    weight: ({ targets }) => targets.reduce((total, target) => total + (target === -100 ? 0 : 1), 0),
    collate: (picked, seq) => ({
      ids: paddedRows(
        picked.map(({ ids }) => ids),
        seq,
        0,
      ),
      targets: paddedRows(
        picked.map(({ targets }) => targets),
        seq,
        -100,
      ),
      batch: picked.length,
      seq,
    }),
  });
}
