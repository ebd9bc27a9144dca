import type { LabelledBatch } from '@lowrank/core';
import type { BatchSource } from './batch-source.js';
import { groupedBatches } from './grouped-batches.js';
import type { LabelledExample } from './labelled-example.js';
import type { LengthGroupsOptions } from './length-groups.js';
import { paddedRows } from './padded-rows.js';

/**
 * Batches of labelled examples of like lengths, each filled up at its ends to its own longest; the filling is masked.
 * Each label counts as one target.
 *
 * @throws `config-invalid` for `batch`; `data-invalid` without examples, or for an empty one
 */
export function labelledBatches(
  examples: readonly LabelledExample[],
  options: LengthGroupsOptions,
): BatchSource<LabelledBatch> {
  return groupedBatches(examples, options, {
    values: ({ ids, types = [], label }) => [ids, types, [label]],
    weight: ({ labels }) => labels.length,
    collate,
  });
}

function collate(picked: LabelledExample[], seq: number): LabelledBatch {
  const rows = (valuesOf: (example: LabelledExample) => Int32Array) => paddedRows(picked.map(valuesOf), seq, 0);
  return {
    ids: rows(({ ids }) => ids),
    mask: Float32Array.from(rows(({ ids }) => ids.map(() => 1))),
    types: rows(({ ids, types = ids.map(() => 0) }) => types),
    labels: Int32Array.from(picked, ({ label }) => label),
    batch: picked.length,
    seq,
  };
}
