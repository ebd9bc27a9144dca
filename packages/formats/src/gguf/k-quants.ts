/** Where a block starts, how to read it, and where its values go. */
interface Block {
  bytes: Uint8Array;
  view: DataView;
  at: number;
  to: number;
  /** The F16 at a byte. */
  half(at: number): number;
}

/** Unpacks one block into `out`, from `to` on. */
export type BlockReader = (block: Block, out: Float32Array) => void;

/** Super-blocks of 256 values, whose sub-blocks have small integer scales of their own. */
export const dequantiseK: Record<'Q4_K' | 'Q5_K' | 'Q6_K', BlockReader> = {
  Q4_K({ bytes, at, to, half }, out) {
    const [scale, least] = [half(at), half(at + 2)];
    for (let part = 0; part < 8; part++) {
      const [s, m] = scaleAndLeast(bytes, at + 4, part, scale, least);
      const from = at + 16 + (part >> 1) * 32;
      const shift = (part & 1) * 4;
      for (let index = 0; index < 32; index++) {
        out[to + part * 32 + index] = Math.fround(s * (((bytes[from + index] as number) >> shift) & 15)) - m;
      }
    }
  },
  Q5_K({ bytes, at, to, half }, out) {
    const [scale, least] = [half(at), half(at + 2)];
    for (let part = 0; part < 8; part++) {
      const [s, m] = scaleAndLeast(bytes, at + 4, part, scale, least);
      const from = at + 48 + (part >> 1) * 32;
      const shift = (part & 1) * 4;
      for (let index = 0; index < 32; index++) {
        const high = ((bytes[at + 16 + index] as number) >> part) & 1;
        const code = (((bytes[from + index] as number) >> shift) & 15) | (high << 4);
        out[to + part * 32 + index] = Math.fround(s * code) - m;
      }
    }
  },
  Q6_K({ bytes, view, at, to, half }, out) {
    const scale = half(at + 208);
    for (let index = 0; index < 256; index++) {
      out[to + index] = Math.fround(scale * view.getInt8(at + 192 + (index >> 4))) * codeOfQ6K(bytes, at, index);
    }
  },
};

/** One of the 256 codes, -32 to 31, of the Q6_K block at a byte: 128 values share 64 bytes of low and 32 of high bits. */
export function codeOfQ6K(bytes: Uint8Array, at: number, index: number): number {
  const [side, place] = [index >> 7, index & 127];
  const low = bytes[at + side * 64 + (place & 63)] as number;
  const high = bytes[at + 128 + side * 32 + (place & 31)] as number;
  return (((low >> ((place >> 6) * 4)) & 15) | (((high >> ((place >> 5) * 2)) & 3) << 4)) - 32;
}

/** The scale and the least value of a sub-block: 6 bits each, packed into 12 bytes for all eight. */
function scaleAndLeast(
  bytes: Uint8Array,
  at: number,
  part: number,
  scale: number,
  least: number,
): [scale: number, least: number] {
  const byte = (index: number) => bytes[at + index] as number;
  const s = part < 4 ? byte(part) & 63 : (byte(part + 4) & 15) | ((byte(part - 4) >> 6) << 4);
  const m = part < 4 ? byte(part + 4) & 63 : (byte(part + 4) >> 4) | ((byte(part) >> 6) << 4);
  return [Math.fround(scale * s), Math.fround(least * m)];
}
