/** The adapter of each row of a batch, as whoever made it reads it; a module that has no adapters takes no notice. */
export interface BatchRows {
  /** Rows of the batch: the first axis of every input that differs by row. */
  readonly count: number;
}
