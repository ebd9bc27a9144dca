import { bitsOf, f16Values, type BlockFormat } from '@lowrank/core/plan';
import { codeOfQ6K } from './k-quants.js';
import type { StoredGgufTensor } from './read.js';
import { tensorTypes, type GgufTensorType } from './tensor-type.js';

/** How lowrank keeps a matrix of a packed type packed: in blocks of `block` values, as `BlockWeight` lays them. */
export interface GgufPacking {
  format: BlockFormat;
  block: number;
  /** Whether each value stays what it is. Else this is what changes them least: by up to a 254th of a block's largest. */
  exact: boolean;
}

/** Undefined for types that are not packed. */
export function ggufPacking(type: GgufTensorType): GgufPacking | undefined {
  if (isExact(type)) return { format: type === 'Q4_0' ? 'q4' : 'int8', block: type === 'Q6_K' ? 16 : 32, exact: true };
  return 'plain' in tensorTypes[type] ? undefined : { format: 'int8', block: 32, exact: false };
}

/** The words and scales of a `BlockWeight`, both by rows. */
export interface GgufBlocks {
  packed: Int32Array;
  scales: Float32Array;
}

/** A matrix whose packing is `exact` as the blocks of that packing; undefined for any other. */
export function ggufBlocks({ type, bytes }: StoredGgufTensor): GgufBlocks | undefined {
  if (!isExact(type)) return undefined;
  const { values, bytes: size } = tensorTypes[type];
  const { format, block } = ggufPacking(type) as GgufPacking;
  const count = bytes.length / size;
  const [codesEach, scalesEach] = [(values * bitsOf(format)) / 8, values / block];
  const packed = new Int32Array((count * codesEach) / 4);
  const scales = new Float32Array(count * scalesEach);
  const codes = new Int8Array(packed.buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const halves = f16Values();
  const half = (at: number) => halves[view.getUint16(at, true)] as number;
  const convert = converters[type];
  for (let index = 0; index < count; index++) {
    const block = { bytes, view, at: index * size, half };
    convert(block, codes.subarray(index * codesEach), scales.subarray(index * scalesEach));
  }
  return { packed, scales };
}

/** A block of the file: where it starts, and the F16 at a byte. */
interface Stored {
  bytes: Uint8Array;
  view: DataView;
  at: number;
  half(at: number): number;
}

type ExactType = 'Q4_0' | 'Q5_0' | 'Q8_0' | 'Q6_K';

function isExact(type: GgufTensorType): type is ExactType {
  return Object.hasOwn(converters, type);
}

/** Of types whose values are a scale times a whole number; the others add a least value of the block. */
const converters: Record<ExactType, (block: Stored, codes: Int8Array, scales: Float32Array) => void> = {
  Q4_0({ bytes, at, half }, codes, scales) {
    scales[0] = half(at);
    // The file has value i beside i + 16 in a byte; we have neighbours there.
    for (let pair = 0; pair < 8; pair++) {
      const [left, right] = [bytes[at + 2 + 2 * pair] as number, bytes[at + 3 + 2 * pair] as number];
      codes[pair] = (left & 15) | (right << 4);
      codes[8 + pair] = (left >> 4) | (right & 0xf0);
    }
  },
  Q5_0({ bytes, view, at, half }, codes, scales) {
    scales[0] = half(at);
    const high = view.getUint32(at + 2, true);
    for (let index = 0; index < 32; index++) {
      const byte = bytes[at + 6 + (index & 15)] as number;
      const low = index < 16 ? byte & 15 : byte >> 4;
      codes[index] = (low | (((high >>> index) & 1) << 4)) - 16;
    }
  },
  Q8_0({ view, at, half }, codes, scales) {
    scales[0] = half(at);
    for (let index = 0; index < 32; index++) codes[index] = view.getInt8(at + 2 + index);
  },
  Q6_K({ bytes, view, at, half }, codes, scales) {
    for (let part = 0; part < 16; part++) scales[part] = half(at + 208) * view.getInt8(at + 192 + part);
    for (let index = 0; index < 256; index++) codes[index] = codeOfQ6K(bytes, at, index);
  },
};
