import type { BlockFormat } from '@lowrank/core';

/** NF4's sixteen values, from the paper's appendix E. */
const nf4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];

export interface Packed {
  format: BlockFormat;
  /** `[out, words]`, read byte by byte: the lowest byte of a word comes first. */
  words: Int32Array;
  /** `[out, blocks]` */
  scales: Float32Array;
  in: number;
  out: number;
  block: number;
}

/** `[out, in]`: the float32 values that a packed weight stands for, each its code times its block's scale. */
export function unpacked64({ format, words, scales, in: features, out, block }: Packed): Float32Array {
  const blocks = Math.ceil(features / block);
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const room = blocks * block;
  if (format === 'f16' || format === 'bf16') {
    return Float32Array.from({ length: out * features }, (_, at) => {
      const first = 2 * (Math.floor(at / features) * room + (at % features));
      return valueOf16((bytes[first] as number) + 256 * (bytes[first + 1] as number), format === 'f16' ? 5 : 8);
    });
  }
  const perRow = room / (format === 'int8' ? 1 : 2);
  return Float32Array.from({ length: out * features }, (_, at) => {
    const [row, index] = [Math.floor(at / features), at % features];
    const scale = scales[row * blocks + Math.floor(index / block)] as number;
    const byte = bytes[row * perRow + (format === 'int8' ? index : index >> 1)] as number;
    return Math.fround(meaningOf(format, byte, index) * scale);
  });
}

function meaningOf(format: 'int8' | 'nf4' | 'q4', byte: number, index: number): number {
  if (format === 'int8') return byte > 127 ? byte - 256 : byte;
  const code = index % 2 === 0 ? byte & 15 : byte >> 4;
  return format === 'q4' ? code - 8 : Math.fround(nf4[code] as number);
}

/** By the definition, `(-1)^s · 2^e · 1.f`, of an IEEE 754 number in 16 bits. */
function valueOf16(code: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const exponent = (code & 0x7fff) >> fractionBits;
  const fraction = (code % 2 ** fractionBits) / 2 ** fractionBits;
  const least = 2 - 2 ** (exponentBits - 1);
  const size = exponent === 0 ? fraction * 2 ** least : (1 + fraction) * 2 ** (exponent - 1 + least);
  return code & 0x8000 ? -size : size;
}
