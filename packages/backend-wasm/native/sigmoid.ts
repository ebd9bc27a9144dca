import { exp } from './exp';

/** `1 / (1 + e^-x)` in four lanes. */
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** `s (1 + x (1 - s))`, the slope of `x s`, where s is `sigmoid(x)`. */
export function siluSlope(x: v128, s: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
}
