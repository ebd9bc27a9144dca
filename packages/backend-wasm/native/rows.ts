/** What a job over rows reads, in the order in which src/native/rows.ts writes it; addresses, 0 for none. */
@unmanaged
export class Rows {
  out: usize;
  x: usize;
  y: usize;
  z: usize;
  w: usize;
  rows: i32;
  columns: i32;
  /** A task is that many rows. */
  taskRows: i32;
  /** What the kernel makes of them. */
  factor: f32;
  flag: i32;
}

/** A task's first row. */
export function rowsBegin(job: Rows, task: i32): i32 {
  return task * job.taskRows;
}

/** The row after its last. */
export function rowsEnd(job: Rows, task: i32): i32 {
  return min((task + 1) * job.taskRows, job.rows);
}
