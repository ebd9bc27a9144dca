/** How values are packed, by the numbers of src/native/packed.ts. */
const CODES_OF_4_BITS: i32 = 1;
const F16: i32 = 2;
const BF16: i32 = 3;

/** Where the value at `index`, which is even, lies in its row. */
export function byteOf(form: i32, index: i32): usize {
  return <usize>(form === CODES_OF_4_BITS ? index >> 1 : form >= F16 ? index << 1 : index);
}

/**
 * Eight packed values times their scale, to `to`. 8-bit integers stand for themselves; what 4-bit codes stand for is
 * looked up byte by byte in four `planes` of 16.
 */
export function eightValues(codes: usize, form: i32, planes: usize, scale: f32, to: usize): void {
  let low: v128, high: v128;
  if (form === BF16) {
    const halves = v128.load(codes);
    low = v128.shuffle<u16>(i16x8.splat(0), halves, 0, 8, 0, 9, 0, 10, 0, 11);
    high = v128.shuffle<u16>(i16x8.splat(0), halves, 0, 12, 0, 13, 0, 14, 0, 15);
  } else if (form === F16) {
    const halves = v128.load(codes);
    low = widened(i32x4.extend_low_i16x8_u(halves));
    high = widened(i32x4.extend_high_i16x8_u(halves));
  } else if (form === CODES_OF_4_BITS) {
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

/** Four f16: their bits as a float32's are 2^112 times too small, subnormal ones too. */
function widened(halves: v128): v128 {
  const size = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  return v128.or(f32x4.mul(size, f32x4.splat(reinterpret<f32>(0x77800000))), sign);
}
