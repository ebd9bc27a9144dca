/** How a frozen weight is packed: 8-bit integers, 4-bit NormalFloat, or 4-bit integers. */
export type BlockFormat = 'int8' | 'nf4' | 'q4';

/** Values that share one scale, unless said otherwise: 1.06 bytes a value for int8, 0.56 for the 4-bit formats. */
export const defaultBlock = 64;

/** Bits of one packed value. */
export function bitsOf(format: BlockFormat): 4 | 8 {
  return format === 'int8' ? 8 : 4;
}

/**
 * What each 4-bit code stands for before its block's scale. NF4's are quantiles of a normal distribution.
 * @see Dettmers et al. 2023, https://arxiv.org/abs/2305.14314, appendix E
 */
export const codebooks: Record<'nf4' | 'q4', Float32Array> = {
  nf4: Float32Array.of(
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
  q4: Float32Array.from({ length: 16 }, (_, code) => code - 8),
};
