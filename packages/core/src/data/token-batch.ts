/** A batch of token windows as plain data, row-major `[batch, seq]`. */
export interface TokenBatch {
  ids: Int32Array;
  /** The id that follows each of `ids`; -100 where no loss is wanted. */
  targets: Int32Array;
  batch: number;
  seq: number;
}
