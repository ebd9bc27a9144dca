/** What a job over single values reads, in the order in which src/native/elements.ts writes it; addresses, 0 for none. */
@unmanaged
export class Elements {
  out: usize;
  x: usize;
  y: usize;
  z: usize;
  w: usize;
  size: i32;
  /** A task is that many values, a multiple of four. */
  chunk: i32;
}

/** The offset in bytes where a task's values begin. */
export function beginOf(job: Elements, task: i32): usize {
  return (<usize>(task * job.chunk)) << 2;
}

/** The offset in bytes where they end. */
export function endOf(job: Elements, task: i32): usize {
  return (<usize>min((task + 1) * job.chunk, job.size)) << 2;
}

/** How many of the values from `at` on there are until `end`; 4 or more fill the lanes. */
export function countAt(at: usize, end: usize): i32 {
  return <i32>((end - at) >> 2);
}
