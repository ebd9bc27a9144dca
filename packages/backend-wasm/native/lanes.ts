/** Four lanes from and to memory, of which only the first `count` (from 1 on) may be there. */
export class Some {
  /** The first `count` values at an address, and zeros. */
  @inline
  static load(from: usize, count: i32): v128 {
    return count < 4 ? loadPart(from, count) : v128.load(from);
  }

  /** Stores the first `count` lanes. */
  @inline
  static store(to: usize, lanes: v128, count: i32): void {
    if (count < 4) storePart(to, lanes, count);
    else v128.store(to, lanes);
  }

  /** The first `count` lanes, and zeros. */
  @inline
  static keep(lanes: v128, count: i32): v128 {
    return v128.and(lanes, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)));
  }
}

function loadPart(from: usize, count: i32): v128 {
  let lanes = v128.load32_zero(from);
  if (count > 1) lanes = v128.load_lane<f32>(from, lanes, 1, 4);
  if (count > 2) lanes = v128.load_lane<f32>(from, lanes, 2, 8);
  return lanes;
}

function storePart(to: usize, lanes: v128, count: i32): void {
  v128.store_lane<f32>(to, lanes, 0);
  if (count > 1) v128.store_lane<f32>(to, lanes, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, lanes, 2, 8);
}

/** The sum of four lanes. */
export function sumOf(lanes: v128): f32 {
  const pairs = f32x4.add(lanes, v128.shuffle<f32>(lanes, lanes, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest of four lanes; NaN where one is. */
export function mostOf(lanes: v128): f32 {
  const pairs = f32x4.max(lanes, v128.shuffle<f32>(lanes, lanes, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}
