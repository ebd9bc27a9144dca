import { countAt } from './elements';
import { Some } from './lanes';
import { Rows, rowsBegin, rowsEnd } from './rows';

/**
 * Each row's halves turned together, `(x1 cos - x2 sin, x2 cos + x1 sin)`, by angles that start anew every `flag` rows:
 * cosines at y, sines at z. `factor` -1 turns back.
 */
export function rotary(args: usize, task: i32): void {
  const job = changetype<Rows>(args);
  const half = (<usize>job.columns) << 1;
  const way = f32x4.splat(job.factor);
  const last = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < last; row++) {
    const x = job.x + <usize>row * (half << 1);
    const out = job.out + <usize>row * (half << 1);
    const angle = <usize>(row % job.flag) * half;
    for (let at: usize = 0; at < half; at += 16) {
      const count = countAt(at, half);
      const first = Some.load(x + at, count);
      const second = Some.load(x + half + at, count);
      const cos = Some.load(job.y + angle + at, count);
      const sin = f32x4.mul(Some.load(job.z + angle + at, count), way);
      Some.store(out + at, f32x4.sub(f32x4.mul(first, cos), f32x4.mul(second, sin)), count);
      Some.store(out + half + at, f32x4.add(f32x4.mul(second, cos), f32x4.mul(first, sin)), count);
    }
  }
}
