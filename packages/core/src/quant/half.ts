/**
 * IEEE 754 half precision (F16: 5 exponent bits, 10 of fraction) and bfloat16 (F32's upper half),
 * in bulk and on bit patterns, so that no value passes through an engine's own conversion.
 */
export function widenF16(codes: Uint16Array): Float32Array {
  const table = f16Bits();
  return widen(codes, (code) => table[code] as number);
}

/** The value of each of the 65,536 codes of F16. Not to be changed. */
export function f16Values(): Float32Array {
  return new Float32Array(f16Bits().buffer);
}

/** @param codes bfloat16 bit patterns */
export function widenBf16(codes: Uint16Array): Float32Array {
  return widen(codes, (code) => code << 16);
}

/** Nearest F16 codes, ties to even. Finite values beyond 65,504 become infinite: see `overflows`. */
export function narrowToF16(values: Float32Array): Uint16Array {
  return narrow(values, f16OfF32Bits);
}

/** Nearest bfloat16 codes, ties to even. */
export function narrowToBf16(values: Float32Array): Uint16Array {
  return narrow(values, bf16OfF32Bits);
}

let halfTable: Uint32Array<ArrayBuffer> | undefined;

function f16Bits(): Uint32Array<ArrayBuffer> {
  halfTable ??= Uint32Array.from({ length: 65536 }, (_, code) => f32BitsOfF16(code));
  return halfTable;
}

function widen(codes: Uint16Array, bitsOf: (code: number) => number): Float32Array {
  const bits = new Uint32Array(codes.length);
  for (let index = 0; index < codes.length; index++) bits[index] = bitsOf(codes[index] as number);
  return new Float32Array(bits.buffer);
}

function narrow(values: Float32Array, codeOf: (bits: number) => number): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const codes = new Uint16Array(values.length);
  for (let index = 0; index < bits.length; index++) codes[index] = codeOf(bits[index] as number);
  return codes;
}

function f32BitsOfF16(code: number): number {
  const sign = (code & 0x8000) << 16;
  const exponent = (code >>> 10) & 0x1f;
  const fraction = code & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal, fraction · 2^-24: shift its leading one into the implicit place.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

function f16OfF32Bits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00 | ((size >>> 13) & 0x3ff); // NaN, made quiet
  if (size >= 0x47800000) return sign | 0x7c00; // 2^16 and above
  if (size >= 0x38800000) return sign | roundedShift(size - 0x38000000, 13); // normal: 2^-14 and above
  if (size < 0x33000000) return sign; // below 2^-25, half the least subnormal
  return sign | roundedShift((size & 0x7fffff) | 0x800000, 126 - (size >>> 23));
}

function bf16OfF32Bits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // NaN, made quiet
  return roundedShift(bits, 16);
}

/** `value / 2^shift`, to the nearest whole number, ties to even. */
function roundedShift(value: number, shift: number): number {
  return (value + (1 << (shift - 1)) - 1 + ((value >>> shift) & 1)) >>> shift;
}
