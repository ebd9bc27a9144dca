import { Lanes } from './fused';

/** Columns of a strip. */
export const STRIP_COLUMNS: i32 = 32;

/** The sums of one row by 32 columns that lie together in B, to `sums`: what a single token needs of a weight. */
export function strip(a: usize, aStep: usize, b: usize, bStep: usize, inner: i32, sums: usize): void {
  let c0 = f32x4.splat(0),
    c1 = f32x4.splat(0),
    c2 = f32x4.splat(0),
    c3 = f32x4.splat(0);
  let c4 = f32x4.splat(0),
    c5 = f32x4.splat(0),
    c6 = f32x4.splat(0),
    c7 = f32x4.splat(0);
  for (let k = 0; k < inner; k++) {
    const x = v128.load32_splat(a);
    c0 = Lanes.madd(x, v128.load(b), c0);
    c1 = Lanes.madd(x, v128.load(b, 16), c1);
    c2 = Lanes.madd(x, v128.load(b, 32), c2);
    c3 = Lanes.madd(x, v128.load(b, 48), c3);
    c4 = Lanes.madd(x, v128.load(b, 64), c4);
    c5 = Lanes.madd(x, v128.load(b, 80), c5);
    c6 = Lanes.madd(x, v128.load(b, 96), c6);
    c7 = Lanes.madd(x, v128.load(b, 112), c7);
    a += aStep;
    b += bStep;
  }
  v128.store(sums, c0);
  v128.store(sums, c1, 16);
  v128.store(sums, c2, 32);
  v128.store(sums, c3, 48);
  v128.store(sums, c4, 64);
  v128.store(sums, c5, 80);
  v128.store(sums, c6, 96);
  v128.store(sums, c7, 112);
}
