import { f16Values } from '@lowrank/core/plan';
import { dequantiseK, type BlockReader } from './k-quants.js';
import { tensorTypes, type GgufTensorType } from './tensor-type.js';

export type PackedType = Exclude<GgufTensorType, 'F32' | 'F16' | 'BF16' | 'F64' | 'I8' | 'I16' | 'I32' | 'I64'>;

/**
 * The values that packed blocks stand for, rounded as llama.cpp's reference does: in float32 after each operation.
 *
 * @param bytes whole blocks of `type`
 * @see https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c, dequantize_row_*
 */
export function dequantiseGguf(type: PackedType, bytes: Uint8Array): Float32Array {
  const { values, bytes: size } = tensorTypes[type];
  const out = new Float32Array((bytes.length / size) * values);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const halves = f16Values();
  const half = (at: number) => halves[view.getUint16(at, true)] as number;
  const read = readers[type];
  const block = { bytes, view, half, at: 0, to: 0 };
  for (; block.at < bytes.length; block.at += size, block.to += values) read(block, out);
  return out;
}

const readers: Record<PackedType, BlockReader> = {
  Q4_0({ bytes, at, to, half }, out) {
    const scale = half(at);
    for (let index = 0; index < 16; index++) {
      const byte = bytes[at + 2 + index] as number;
      out[to + index] = ((byte & 15) - 8) * scale;
      out[to + index + 16] = ((byte >> 4) - 8) * scale;
    }
  },
  Q4_1({ bytes, at, to, half }, out) {
    const [scale, least] = [half(at), half(at + 2)];
    for (let index = 0; index < 16; index++) {
      const byte = bytes[at + 4 + index] as number;
      out[to + index] = Math.fround((byte & 15) * scale) + least;
      out[to + index + 16] = Math.fround((byte >> 4) * scale) + least;
    }
  },
  Q5_0({ bytes, view, at, to, half }, out) {
    const scale = half(at);
    const high = view.getUint32(at + 2, true);
    for (let index = 0; index < 16; index++) {
      const byte = bytes[at + 6 + index] as number;
      out[to + index] = (((byte & 15) | (((high >>> index) & 1) << 4)) - 16) * scale;
      out[to + index + 16] = (((byte >> 4) | (((high >>> (index + 16)) & 1) << 4)) - 16) * scale;
    }
  },
  Q5_1({ bytes, view, at, to, half }, out) {
    const [scale, least] = [half(at), half(at + 2)];
    const high = view.getUint32(at + 4, true);
    for (let index = 0; index < 16; index++) {
      const byte = bytes[at + 8 + index] as number;
      out[to + index] = Math.fround(((byte & 15) | (((high >>> index) & 1) << 4)) * scale) + least;
      out[to + index + 16] = Math.fround(((byte >> 4) | (((high >>> (index + 16)) & 1) << 4)) * scale) + least;
    }
  },
  Q8_0({ view, at, to, half }, out) {
    const scale = half(at);
    for (let index = 0; index < 32; index++) out[to + index] = view.getInt8(at + 2 + index) * scale;
  },
  ...dequantiseK,
};
