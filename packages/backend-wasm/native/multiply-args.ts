/**
 * What a job of products reads: `C = alpha A B + bias + alpha A2 B2`, or `C += ...`, for a batch of matrices. Strides are in bytes.
 * The fields stand in the order in which src/native/products.ts writes them.
 */
@unmanaged
export class MultiplyArgs {
  a: usize;
  b: usize;
  c: usize;
  /** One value a column, or 0 for none. */
  bias: usize;
  rows: i32;
  columns: i32;
  inner: i32;
  /** How far `inner` is cut into pieces, each small enough for the first-level cache. */
  piece: i32;
  /** From a row of A to the next, and from one step along `inner` to the next. */
  aRow: usize;
  aStep: usize;
  /** From one step along `inner` to the next, and from eight columns of B to the next eight. */
  bStep: usize;
  bPanel: usize;
  /** From a row of C to the next, and from a column to the next: 4 is stored in SIMD. */
  cRow: usize;
  cColumn: usize;
  /** From a matrix of the batch to the next. */
  aBatch: usize;
  bBatch: usize;
  cBatch: usize;
  alpha: f32;
  /** Not 0: the products are added to what C holds. */
  accumulate: i32;
  /** A task is that many rows by that many panels of one matrix; so many tasks lie below and beside each other. */
  taskRows: i32;
  taskPanels: i32;
  tasksDown: i32;
  tasksAcross: i32;
  /** A second product that is added, `A2 B2` of `inner2` steps, none for 0; A2's rows are whole, B2 lies in panels. */
  a2: usize;
  b2: usize;
  a2Row: usize;
  inner2: i32;
}
