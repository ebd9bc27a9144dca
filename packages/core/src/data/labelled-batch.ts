/** Sequences and the class of each, as plain data: row-major `[batch, seq]`, filled up behind their tokens. */
export interface LabelledBatch {
  ids: Int32Array;
  /** 1 for a token, 0 for filling. */
  mask: Float32Array;
  /** Which of two texts a token belongs to. */
  types: Int32Array;
  /** `[batch]`, the index of each one's class. */
  labels: Int32Array;
  batch: number;
  seq: number;
}
