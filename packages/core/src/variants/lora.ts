import { add, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { deltaWeight } from '../ops/delta-weight.js';
import { loraLinear } from '../ops/lora-linear.js';
import { denseWeight } from '../quant/dense-weight.js';
import { lowRankProduct } from '../ops/low-rank-product.js';
import type { Variant } from './variant.js';

/** `W + scaling · A B`. */
export const lora: Variant = {
  forward: loraLinear,
  update: (_x, weights, dropped) => lowRankProduct(dropped, weights),
  merged: ({ weight, a, b, scaling }) => tidy(() => add(denseWeight(weight), deltaWeight(a, b, scaling)) as Tensor2D),
  parameters: () => [],
  dispose: () => {},
};
