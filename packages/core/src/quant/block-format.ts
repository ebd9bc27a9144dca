/** Codes that stand for a value under their block's scale: 8-bit integers, 4-bit NormalFloat, 4-bit integers. */
export type CodedFormat = 'int8' | 'nf4' | 'q4';

/** Numbers in 16 bits that stand for themselves, so their scales are 1: IEEE 754 half precision, bfloat16. */
export type HalfFormat = 'f16' | 'bf16';

/** How a frozen weight is packed. */
export type BlockFormat = CodedFormat | HalfFormat;

export function isHalf(format: BlockFormat): format is HalfFormat {
  return format === 'f16' || format === 'bf16';
}

/** Bits of one packed value. */
export function bitsOf(format: BlockFormat): 4 | 8 | 16 {
  if (isHalf(format)) return 16;
  return format === 'int8' ? 8 : 4;
}

/**
 * Values that share one scale, unless said otherwise: 64, which makes 1.06 bytes a value for int8 and 0.56 for the 4-bit
 * formats; of the halves a whole row, filled up to whole words, which makes 2 bytes a value and 4 a row.
 *
 * @param features values in a row
 */
export function blockOf(format: BlockFormat, features: number): number {
  return isHalf(format) ? 8 * Math.max(1, Math.ceil(features / 8)) : 64;
}

/**
 * What each 4-bit code stands for before its block's scale. NF4's are quantiles of a normal distribution.
 * @see Dettmers et al. 2023, https://arxiv.org/abs/2305.14314, appendix E
 */
export const codebooks: Record<'nf4' | 'q4', Float32Array> = {
  nf4: /* @__PURE__ */ Float32Array.of(
    -1,
    -0.6961928009986877,
    -0.5250730514526367,
    -0.39491748809814453,
    -0.28444138169288635,
    -0.18477343022823334,
    -0.09105003625154495,
    0,
    0.07958029955625534,
    0.16093020141124725,
    0.24611230194568634,
    0.33791524171829224,
    0.44070982933044434,
    0.5626170039176941,
    0.7229568362236023,
    1,
  ),
  q4: /* @__PURE__ */ Float32Array.from({ length: 16 }, (_, code) => code - 8),
};
