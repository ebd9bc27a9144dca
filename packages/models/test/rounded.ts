/**
 * The nearest number with `bits` of fraction and an exponent of `least` or more, ties to even: float64's
 * definition of F16 (10, -14) and BF16 (7, -126) for numbers within their range.
 */
export function rounded(value: number, { bits, least }: { bits: number; least: number }): number {
  if (value === 0) return value;
  const step = 2 ** (Math.max(least, Math.floor(Math.log2(Math.abs(value)))) - bits);
  const below = Math.floor(value / step);
  const rest = value / step - below;
  return (below + (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? 1 : 0)) * step;
}
