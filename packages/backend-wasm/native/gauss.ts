import { exp } from './exp';
import { Lanes } from './fused';

/** `e^(-x²/2)` in four lanes: the normal density but for its factor. */
export function bell(x: v128): v128 {
  return exp(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/**
 * The normal distribution `Φ(x) = (1 + erf(x / √2)) / 2` in four lanes, given `bell(x)`, to 1 in 10^7. Below 0 it is
 * reckoned from its tail, so that small values keep their digits.
 *
 * @see Abramowitz and Stegun 1964, formula 7.1.26
 */
export function normalShare(x: v128, bell: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, Lanes.madd(f32x4.abs(x), f32x4.splat(<f32>(0.3275911 * Math.SQRT1_2)), one));
  let p = Lanes.madd(f32x4.splat(1.061405429 / 2), t, f32x4.splat(-1.453152027 / 2));
  p = Lanes.madd(p, t, f32x4.splat(1.421413741 / 2));
  p = Lanes.madd(p, t, f32x4.splat(-0.284496736 / 2));
  p = Lanes.madd(p, t, f32x4.splat(0.254829592 / 2));
  const tail = f32x4.mul(f32x4.mul(p, t), bell);
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}
