import { beginOf, countAt, Elements, endOf } from './elements';
import { Lanes } from './fused';
import { bell, normalShare } from './gauss';
import { Some } from './lanes';
import { sigmoid } from './sigmoid';

/** `out = x Φ(x)`. */
export function gelu(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  for (let at = beginOf(job, task); at < end; at += 16) {
    const count = countAt(at, end);
    const x = Some.load(job.x + at, count);
    Some.store(job.out + at, f32x4.mul(x, normalShare(x, bell(x))), count);
  }
}

/** `out = y (Φ(x) + x φ(x))`, where y is the gradient of gelu's value. */
export function geluGradient(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  for (let at = beginOf(job, task); at < end; at += 16) {
    const count = countAt(at, end);
    const x = Some.load(job.x + at, count);
    const density = bell(x);
    const rise = f32x4.mul(f32x4.mul(x, density), f32x4.splat(0.3989422804014327));
    const slope = f32x4.add(normalShare(x, density), rise);
    Some.store(job.out + at, f32x4.mul(Some.load(job.y + at, count), slope), count);
  }
}

const ROOT: f32 = <f32>(2 * 0.7978845608028654);

/** `2 u` with `u = √(2/π) (x + 0.044715 x³)`, for `(1 + tanh u) / 2` is the sigmoid of that. */
function twice(x: v128): v128 {
  const square = f32x4.mul(x, x);
  return f32x4.mul(x, Lanes.madd(square, f32x4.splat(<f32>(0.044715 * ROOT)), f32x4.splat(ROOT)));
}

/** `out = x (1 + tanh u) / 2`. */
export function geluTanh(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  for (let at = beginOf(job, task); at < end; at += 16) {
    const count = countAt(at, end);
    const x = Some.load(job.x + at, count);
    Some.store(job.out + at, f32x4.mul(x, sigmoid(twice(x))), count);
  }
}

/** `out = y (s + x s (1 - s) 2u')`, where s is `(1 + tanh u) / 2`. */
export function geluTanhGradient(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  for (let at = beginOf(job, task); at < end; at += 16) {
    const count = countAt(at, end);
    const x = Some.load(job.x + at, count);
    const s = sigmoid(twice(x));
    const square = f32x4.mul(x, x);
    const rise = Lanes.madd(square, f32x4.splat(<f32>(3 * 0.044715 * ROOT)), f32x4.splat(ROOT));
    const bend = f32x4.mul(f32x4.mul(x, rise), f32x4.sub(s, f32x4.mul(s, s)));
    Some.store(job.out + at, f32x4.mul(Some.load(job.y + at, count), f32x4.add(s, bend)), count);
  }
}
