import { beginOf, Elements, endOf } from './elements';
import { bell, normalShare } from './gauss';
import { loadLanes, storeLanes } from './lanes';

/** `out = x Φ(x)`. */
export function gelu(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  let at = beginOf(job, task);
  for (; at + 16 <= end; at += 16) v128.store(job.out + at, value(v128.load(job.x + at)));
  const rest = <i32>(end - at) >> 2;
  if (rest) storeLanes(job.out + at, value(loadLanes(job.x + at, rest)), rest);
}

/** `out = y (Φ(x) + x φ(x))`, where y is the gradient of gelu's value. */
export function geluGradient(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  let at = beginOf(job, task);
  for (; at + 16 <= end; at += 16) {
    v128.store(job.out + at, f32x4.mul(v128.load(job.y + at), slope(v128.load(job.x + at))));
  }
  const rest = <i32>(end - at) >> 2;
  if (rest) storeLanes(job.out + at, f32x4.mul(loadLanes(job.y + at, rest), slope(loadLanes(job.x + at, rest))), rest);
}

function value(x: v128): v128 {
  return f32x4.mul(x, normalShare(x, bell(x)));
}

function slope(x: v128): v128 {
  const density = bell(x);
  const rise = f32x4.mul(f32x4.mul(x, density), f32x4.splat(0.3989422804014327));
  return f32x4.add(normalShare(x, density), rise);
}
