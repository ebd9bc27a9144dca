/** Arithmetic on four lanes. Static methods, for only they may be inlined by decree in what TypeScript can parse. */
export class Lanes {
  /** `x y + sum`; rounded once where the engine was built for relaxed SIMD, twice where not. */
  @inline
  static madd(x: v128, y: v128, sum: v128): v128 {
    return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(x, y, sum) : f32x4.add(sum, f32x4.mul(x, y));
  }
}
