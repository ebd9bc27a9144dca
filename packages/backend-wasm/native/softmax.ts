import { exp } from './exp';
import { loadLanes, mostOf, storeLanes, sumOf } from './lanes';
import { Rows, rowsBegin, rowsEnd } from './rows';

/** Each row's `e^(x - most) / Σ e^(x - most)`. */
export function softmax(args: usize, task: i32): void {
  const job = changetype<Rows>(args);
  const bytes = (<usize>job.columns) << 2;
  const end = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < end; row++) {
    softmaxRow(job.x + <usize>row * bytes, job.out + <usize>row * bytes, bytes);
  }
}

/** One row of `bytes` bytes; `x` and `out` may be the same. */
export function softmaxRow(x: usize, out: usize, bytes: usize): void {
  const fours = bytes & ~15;
  const rest = <i32>(bytes & 15) >> 2;

  let lanes = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < fours; at += 16) lanes = f32x4.max(lanes, v128.load(x + at));
  let most = mostOf(lanes);
  for (let at = fours; at < bytes; at += 4) most = max(most, load<f32>(x + at));

  const shift = f32x4.splat(most);
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < fours; at += 16) {
    const value = exp(f32x4.sub(v128.load(x + at), shift));
    sums = f32x4.add(sums, value);
    v128.store(out + at, value);
  }
  let sum = sumOf(sums);
  if (rest) {
    storeLanes(out + fours, exp(f32x4.sub(loadLanes(x + fours, rest), shift)), rest);
    for (let at = fours; at < bytes; at += 4) sum += load<f32>(out + at);
  }

  const share = f32x4.splat(1 / sum);
  for (let at: usize = 0; at < fours; at += 16) v128.store(out + at, f32x4.mul(v128.load(out + at), share));
  if (rest) storeLanes(out + fours, f32x4.mul(loadLanes(out + fours, rest), share), rest);
}
