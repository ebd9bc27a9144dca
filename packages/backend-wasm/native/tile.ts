import { Five, Four, One, Six, Three, Two } from './counts';
import { Lanes } from './fused';

/** Most rows of a tile: its twelve sums, or ten where products need a register too, leave no more of the sixteen. */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Columns of a tile, and how many values of B lie together in a panel. */
export const TILE_COLUMNS: i32 = 8;

/**
 * The sums of some rows of C by eight columns, eight values a row, to `sums`. Every sum runs along `inner` in order, so a product has the same bits whichever
 * tile, layout or thread it comes from. Each number of rows compiles to a loop of its own.
 */
function tile<Rows>(a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, inner: i32, sums: usize): void {
  let p0 = f32x4.splat(0),
    q0 = f32x4.splat(0),
    p1 = f32x4.splat(0),
    q1 = f32x4.splat(0);
  let p2 = f32x4.splat(0),
    q2 = f32x4.splat(0),
    p3 = f32x4.splat(0),
    q3 = f32x4.splat(0);
  let p4 = f32x4.splat(0),
    q4 = f32x4.splat(0),
    p5 = f32x4.splat(0),
    q5 = f32x4.splat(0);
  for (let k = 0; k < inner; k++) {
    const p = v128.load(b),
      q = v128.load(b, 16);
    let row = a;
    let x = v128.load32_splat(row);
    p0 = Lanes.madd(x, p, p0);
    q0 = Lanes.madd(x, q, q0);
    if (offsetof<Rows>() > 1) {
      row += aRow;
      x = v128.load32_splat(row);
      p1 = Lanes.madd(x, p, p1);
      q1 = Lanes.madd(x, q, q1);
    }
    if (offsetof<Rows>() > 2) {
      row += aRow;
      x = v128.load32_splat(row);
      p2 = Lanes.madd(x, p, p2);
      q2 = Lanes.madd(x, q, q2);
    }
    if (offsetof<Rows>() > 3) {
      row += aRow;
      x = v128.load32_splat(row);
      p3 = Lanes.madd(x, p, p3);
      q3 = Lanes.madd(x, q, q3);
    }
    if (offsetof<Rows>() > 4) {
      row += aRow;
      x = v128.load32_splat(row);
      p4 = Lanes.madd(x, p, p4);
      q4 = Lanes.madd(x, q, q4);
    }
    if (offsetof<Rows>() > 5) {
      row += aRow;
      x = v128.load32_splat(row);
      p5 = Lanes.madd(x, p, p5);
      q5 = Lanes.madd(x, q, q5);
    }
    a += aStep;
    b += bStep;
  }
  v128.store(sums, p0);
  v128.store(sums, q0, 16);
  if (offsetof<Rows>() > 1) {
    v128.store(sums, p1, 32);
    v128.store(sums, q1, 48);
  }
  if (offsetof<Rows>() > 2) {
    v128.store(sums, p2, 64);
    v128.store(sums, q2, 80);
  }
  if (offsetof<Rows>() > 3) {
    v128.store(sums, p3, 96);
    v128.store(sums, q3, 112);
  }
  if (offsetof<Rows>() > 4) {
    v128.store(sums, p4, 128);
    v128.store(sums, q4, 144);
  }
  if (offsetof<Rows>() > 5) {
    v128.store(sums, p5, 160);
    v128.store(sums, q5, 176);
  }
}

/** A tile of 1 to `TILE_ROWS` rows. */
export function tileOf(
  rows: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  inner: i32,
  sums: usize,
): void {
  switch (rows) {
    case 1:
      return tile<One>(a, aRow, aStep, b, bStep, inner, sums);
    case 2:
      return tile<Two>(a, aRow, aStep, b, bStep, inner, sums);
    case 3:
      return tile<Three>(a, aRow, aStep, b, bStep, inner, sums);
    case 4:
      return tile<Four>(a, aRow, aStep, b, bStep, inner, sums);
    case 5:
      return tile<Five>(a, aRow, aStep, b, bStep, inner, sums);
    default:
      return tile<Six>(a, aRow, aStep, b, bStep, inner, sums);
  }
}
