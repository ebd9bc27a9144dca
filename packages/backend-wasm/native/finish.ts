import { MultiplyArgs } from './multiply-args';

/**
 * Ends a tile's sums: `C = alpha sum + bias`, or that added to what C holds. `bias` is 0 for none. It stands apart from
 * the sums' loop, which would be four times slower in one function with all these cases.
 */
export function finish(
  job: MultiplyArgs,
  sums: usize,
  rows: i32,
  columns: i32,
  c: usize,
  bias: usize,
  accumulate: i32,
): void {
  if (job.cColumn !== 4 || columns < 8) return finishApart(job, sums, rows, columns, c, bias, accumulate);
  const alpha = f32x4.splat(job.alpha);
  const low = bias ? v128.load(bias) : f32x4.splat(0);
  const high = bias ? v128.load(bias, 16) : f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let p = f32x4.add(f32x4.mul(v128.load(sums), alpha), low);
    let q = f32x4.add(f32x4.mul(v128.load(sums, 16), alpha), high);
    if (accumulate) {
      p = f32x4.add(p, v128.load(c));
      q = f32x4.add(q, v128.load(c, 16));
    }
    v128.store(c, p);
    v128.store(c, q, 16);
    sums += 32;
    c += job.cRow;
  }
}

/** Value by value, where columns lie apart or are fewer than eight. */
function finishApart(
  job: MultiplyArgs,
  sums: usize,
  rows: i32,
  columns: i32,
  c: usize,
  bias: usize,
  accumulate: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let to = c;
    for (let column: usize = 0; column < <usize>columns; column++) {
      let value = load<f32>(sums + (column << 2)) * job.alpha + (bias ? load<f32>(bias + (column << 2)) : 0);
      if (accumulate) value += load<f32>(to);
      store<f32>(to, value);
      to += job.cColumn;
    }
    sums += 32;
    c += job.cRow;
  }
}
