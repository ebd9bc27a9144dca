import { beginOf, countAt, Elements, endOf } from './elements';
import { Some } from './lanes';
import { sigmoid, siluSlope } from './sigmoid';

/** `out = silu(x) y`, where x is the gate. */
export function swiglu(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  for (let at = beginOf(job, task); at < end; at += 16) {
    const count = countAt(at, end);
    const gate = Some.load(job.x + at, count);
    const silu = f32x4.mul(gate, sigmoid(gate));
    Some.store(job.out + at, f32x4.mul(silu, Some.load(job.y + at, count)), count);
  }
}

/** The gate's gradient to `out` and that of y to `w`, where z is the gradient of swiglu's value. */
export function swigluGradient(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  for (let at = beginOf(job, task); at < end; at += 16) {
    const count = countAt(at, end);
    const gate = Some.load(job.x + at, count);
    const dy = Some.load(job.z + at, count);
    const s = sigmoid(gate);
    const through = f32x4.mul(dy, Some.load(job.y + at, count));
    Some.store(job.out + at, f32x4.mul(through, siluSlope(gate, s)), count);
    Some.store(job.w + at, f32x4.mul(dy, f32x4.mul(gate, s)), count);
  }
}
