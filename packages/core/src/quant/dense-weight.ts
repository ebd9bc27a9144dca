import { clone, tidy, transpose, type Tensor2D } from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import { BlockWeight } from './block-weight.js';
import { dequantise } from './dequantise.js';

/** The values of a frozen weight, unpacked where it is packed: `[in, out]`, owned by the caller. */
export function denseWeight(weight: FrozenWeight): Tensor2D {
  return tidy(() => (weight instanceof BlockWeight ? transpose(dequantise(weight)) : clone(weight)));
}
