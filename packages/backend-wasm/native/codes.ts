/**
 * Eight packed values times their scale, to `to`. 8-bit integers stand for themselves; what 4-bit codes stand for is
 * looked up byte by byte in four `planes` of 16.
 */
export function eightValues(codes: usize, planes: usize, scale: f32, to: usize): void {
  let low: v128, high: v128;
  if (planes) {
    const word = v128.load32_zero(codes);
    const even = v128.and(word, i8x16.splat(15));
    const odd = i8x16.shr_u(word, 4);
    const code = v128.shuffle<u8>(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const halves = together(v128.load(planes), v128.load(planes, 16), code);
    const others = together(v128.load(planes, 32), v128.load(planes, 48), code);
    low = v128.shuffle<u16>(halves, others, 0, 8, 1, 9, 2, 10, 3, 11);
    high = v128.shuffle<u16>(halves, others, 4, 12, 5, 13, 6, 14, 7, 15);
  } else {
    const wide = v128.load_ext<i8>(codes);
    low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(wide));
    high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(wide));
  }
  const factor = f32x4.splat(scale);
  v128.store(to, f32x4.mul(low, factor));
  v128.store(to, f32x4.mul(high, factor), 16);
}

/** Two bytes of what each code stands for, beside each other. */
function together(first: v128, second: v128, code: v128): v128 {
  const a = i8x16.swizzle(first, code);
  const b = i8x16.swizzle(second, code);
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
