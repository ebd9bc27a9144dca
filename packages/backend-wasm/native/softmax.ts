import { mostOfRow, powersOfRow, scaleRow } from './row-powers';
import { Rows, rowsBegin, rowsEnd } from './rows';

/** Each row's `e^(x - most) / Σ e^(x - most)`. */
export function softmax(args: usize, task: i32): void {
  const job = changetype<Rows>(args);
  const bytes = (<usize>job.columns) << 2;
  const end = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < end; row++) {
    const x = job.x + <usize>row * bytes;
    const out = job.out + <usize>row * bytes;
    scaleRow(out, bytes, 1 / powersOfRow(x, out, bytes, mostOfRow(x, bytes)));
  }
}
