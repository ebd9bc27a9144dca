/**
 * The micro-batches of a run. `at` is a pure function of the index, counted from 0 over the whole run, so that
 * a resumed run sees what an uninterrupted one sees.
 */
export interface BatchSource<Batch> {
  at(index: number): Batch;
  /** How many targets count: the batch's share in accumulation and in a mean. */
  weight(batch: Batch): number;
  readonly batchesPerEpoch: number;
  /** Stands for the data and its order, so that a checkpoint is not resumed on other data. */
  readonly fingerprint?: string;
}
