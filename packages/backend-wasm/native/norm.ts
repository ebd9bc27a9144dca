import { countAt } from './elements';
import { Lanes } from './fused';
import { Some, sumOf } from './lanes';
import { Rows, rowsBegin, rowsEnd } from './rows';

/**
 * Each row's `(x - mean) · r · y + z` with `r = 1 / √(mean of squares about mean + factor)`; mean and r go to `w`,
 * two values a row. `flag` 1: a layer norm. 0: a root-mean-square norm, whose mean stays 0.
 */
export function norm(args: usize, task: i32): void {
  const job = changetype<Rows>(args);
  const bytes = (<usize>job.columns) << 2;
  const share: f32 = 1 / <f32>job.columns;
  const last = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < last; row++) {
    const x = job.x + <usize>row * bytes;
    const out = job.out + <usize>row * bytes;
    let mean: f32 = 0;
    if (job.flag) {
      let sums = f32x4.splat(0);
      for (let at: usize = 0; at < bytes; at += 16) sums = f32x4.add(sums, Some.load(x + at, countAt(at, bytes)));
      mean = sumOf(sums) * share;
    }
    const centre = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const count = countAt(at, bytes);
      const apart = Some.keep(f32x4.sub(Some.load(x + at, count), centre), count);
      squares = Lanes.madd(apart, apart, squares);
    }
    const r: f32 = 1 / sqrt(sumOf(squares) * share + job.factor);
    store<f32>(job.w + ((<usize>row) << 3), mean);
    store<f32>(job.w + ((<usize>row) << 3), r, 4);
    const scale = f32x4.splat(r);
    for (let at: usize = 0; at < bytes; at += 16) {
      const count = countAt(at, bytes);
      const z = f32x4.mul(f32x4.sub(Some.load(x + at, count), centre), scale);
      let y = f32x4.mul(z, Some.load(job.y + at, count));
      if (job.z) y = f32x4.add(y, Some.load(job.z + at, count));
      Some.store(out + at, y, count);
    }
  }
}

/** Each row's `r (g - mean(g) - n mean(g n))` with `g = z y` and `n = (x - mean) r`; z is the gradient of norm's value. */
export function normGradient(args: usize, task: i32): void {
  const job = changetype<Rows>(args);
  const bytes = (<usize>job.columns) << 2;
  const share: f32 = 1 / <f32>job.columns;
  const last = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < last; row++) {
    const x = job.x + <usize>row * bytes;
    const dy = job.z + <usize>row * bytes;
    const out = job.out + <usize>row * bytes;
    const centre = f32x4.splat(load<f32>(job.w + ((<usize>row) << 3)));
    const scale = f32x4.splat(load<f32>(job.w + ((<usize>row) << 3), 4));
    let sums = f32x4.splat(0);
    let products = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const count = countAt(at, bytes);
      const g = f32x4.mul(Some.load(dy + at, count), Some.load(job.y + at, count));
      const n = f32x4.mul(f32x4.sub(Some.load(x + at, count), centre), scale);
      sums = f32x4.add(sums, g);
      products = Lanes.madd(g, n, products);
    }
    const level = f32x4.splat(job.flag ? sumOf(sums) * share : 0);
    const along = f32x4.splat(sumOf(products) * share);
    for (let at: usize = 0; at < bytes; at += 16) {
      const count = countAt(at, bytes);
      const g = f32x4.mul(Some.load(dy + at, count), Some.load(job.y + at, count));
      const n = f32x4.mul(f32x4.sub(Some.load(x + at, count), centre), scale);
      const dx = f32x4.mul(scale, f32x4.sub(f32x4.sub(g, level), f32x4.mul(n, along)));
      Some.store(out + at, dx, count);
    }
  }
}
