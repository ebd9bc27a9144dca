/** The 8-bit floats of machine learning: sign, exponent, fraction. */
const layouts = {
  /** 4 bits of exponent, no infinities, the greatest code of either sign is NaN. */
  F8_E4M3: { fractionBits: 3, bias: 7, isSpecial: (code: number) => (code & 0x7f) === 0x7f },
  /** 5 bits of exponent; the upper half of an F16, infinities and NaNs among them. */
  F8_E5M2: { fractionBits: 2, bias: 15, isSpecial: (code: number) => (code & 0x7c) === 0x7c },
} as const;

export type Float8 = keyof typeof layouts;

/**
 * The values of 8-bit floats, exact in float32.
 *
 * @see Micikevicius et al. 2022, https://arxiv.org/abs/2209.05433
 */
export function widenFloat8(dtype: Float8, codes: Uint8Array): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, code) => valueOf(dtype, code));
  return Float32Array.from(codes, (code) => table[code] as number);
}

function valueOf(dtype: Float8, code: number): number {
  const { fractionBits, bias, isSpecial } = layouts[dtype];
  const sign = code & 0x80 ? -1 : 1;
  const fraction = code & ((1 << fractionBits) - 1);
  if (isSpecial(code)) return dtype === 'F8_E5M2' && fraction === 0 ? sign * Infinity : NaN;
  const exponent = (code & 0x7f) >> fractionBits;
  const whole = fraction / 2 ** fractionBits + (exponent > 0 ? 1 : 0);
  return sign * whole * 2 ** (Math.max(exponent, 1) - bias);
}
