import { tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { kernelOf } from '../backend/active-kernels.js';
import { bitsOf, codebooks, isHalf, type HalfFormat } from './block-format.js';
import type { BlockWeight } from './block-weight.js';
import { widenBf16, widenF16 } from './half.js';

/**
 * The values that a packed weight stands for, `code · scale`.
 *
 * @returns `[out, in]`, owned by the caller.
 */
export function dequantise(weight: BlockWeight): Tensor2D {
  return tidy(() => kernelOf('dequantise')?.(weight) ?? composed(weight));
}

/** tfjs has no bit operations that every backend shares, so the words are read back. */
function composed(weight: BlockWeight): Tensor2D {
  const { format, packed, scales, block, shape } = weight;
  if (isHalf(format)) return widened(weight, format);
  const [features, out] = shape;
  const [words, factors] = [packed.dataSync() as Int32Array, scales.dataSync() as Float32Array];
  const bits = bitsOf(format);
  const blocks = scales.shape[1];
  const stored = packed.shape[1];
  const codebook = format === 'int8' ? undefined : codebooks[format];
  const values = new Float32Array(out * features);
  for (let row = 0; row < out; row++) {
    for (let index = 0; index < features; index++) {
      const bit = index * bits;
      const word = words[row * stored + (bit >> 5)] as number;
      const code = codebook ? codebook[(word >> (bit & 31)) & 15] : (word << (24 - (bit & 31))) >> 24;
      values[row * features + index] = (code as number) * (factors[row * blocks + Math.floor(index / block)] as number);
    }
  }
  return tensor2d(values, [out, features]);
}

function widened({ packed, shape: [features, out] }: BlockWeight, format: HalfFormat): Tensor2D {
  const words = packed.dataSync() as Int32Array;
  const codes = new Uint16Array(words.buffer, words.byteOffset, 2 * words.length);
  const room = 2 * packed.shape[1];
  const values = new Float32Array(out * features);
  for (let row = 0; row < out; row++) {
    const stored = codes.subarray(row * room, row * room + features);
    values.set(format === 'f16' ? widenF16(stored) : widenBf16(stored), row * features);
  }
  return tensor2d(values, [out, features]);
}
