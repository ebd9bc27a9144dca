import { countAt } from './elements';
import { exp } from './exp';
import { Some } from './lanes';
import { mostOfRow, powersOfRow } from './row-powers';
import { Rows, rowsBegin, rowsEnd } from './rows';

/** Each row's largest value and `Σ e^(x - most)`, to `w`: all that the loss and its gradient need to know of a row. */
export function normalisers(args: usize, task: i32): void {
  const job = changetype<Rows>(args);
  const bytes = (<usize>job.columns) << 2;
  const end = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < end; row++) {
    const x = job.x + <usize>row * bytes;
    const most = mostOfRow(x, bytes);
    store<f32>(job.w + ((<usize>row) << 3), most);
    store<f32>(job.w + ((<usize>row) << 3), powersOfRow(x, 0, bytes, most), 4);
  }
}

/** Each row's `(softmax(x) - onehot(target)) · factor · dy`, with targets at y, below 0 for a row of zeros, and dy at z. */
export function crossEntropyGradient(args: usize, task: i32): void {
  const job = changetype<Rows>(args);
  const bytes = (<usize>job.columns) << 2;
  const share = load<f32>(job.z) * job.factor;
  const end = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < end; row++) {
    const x = job.x + <usize>row * bytes;
    const out = job.out + <usize>row * bytes;
    const target = load<i32>(job.y + ((<usize>row) << 2));
    if (target < 0) {
      memory.fill(out, 0, bytes);
      continue;
    }
    const most = f32x4.splat(load<f32>(job.w + ((<usize>row) << 3)));
    const scale = f32x4.splat(share / load<f32>(job.w + ((<usize>row) << 3), 4));
    for (let at: usize = 0; at < bytes; at += 16) {
      const count = countAt(at, bytes);
      Some.store(out + at, f32x4.mul(exp(f32x4.sub(Some.load(x + at, count), most)), scale), count);
    }
    const truth = out + ((<usize>target) << 2);
    store<f32>(truth, load<f32>(truth) - share);
  }
}
