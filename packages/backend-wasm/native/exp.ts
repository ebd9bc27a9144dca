import { Lanes } from './fused';

/**
 * `e^x` in four lanes, to 2 in 10^7: 0 for -Infinity, Infinity where a float32 ends, NaN only for NaN.
 * `x = n ln 2 + r` with `|r| <= ln 2 / 2`; a polynomial gives `e^r`.
 *
 * @see Moshier, Cephes, expf
 */
export function exp(x: v128): v128 {
  // Beyond these it is 0 or Infinity. `pmin` and `pmax` in this order leave NaN as it is.
  const within = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104));
  const n = f32x4.nearest(f32x4.mul(within, f32x4.splat(<f32>Math.LOG2E)));
  // ln 2 in two parts, the first of which times n is exact.
  let r = Lanes.madd(n, f32x4.splat(-0.693359375), within);
  r = Lanes.madd(n, f32x4.splat(2.1219444e-4), r);
  let p = Lanes.madd(f32x4.splat(1.98756915e-4), r, f32x4.splat(1.3981999507e-3));
  p = Lanes.madd(p, r, f32x4.splat(8.3334519073e-3));
  p = Lanes.madd(p, r, f32x4.splat(4.1665795894e-2));
  p = Lanes.madd(p, r, f32x4.splat(1.6666665459e-1));
  p = Lanes.madd(p, r, f32x4.splat(5.0000001201e-1));
  p = f32x4.add(Lanes.madd(f32x4.mul(r, r), p, r), f32x4.splat(1));
  // Two factors, for 2^n itself may lie where a float32 has no more exponents.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}
