import type { Kernels } from '@lowrank/core';
import { adamw } from './adamw.js';
import { attention } from './attention.js';
import { crossEntropy } from './cross-entropy.js';
import { dequantise } from './dequantise.js';
import { embeddingLookup } from './embedding-lookup.js';
import { frozenLinear } from './frozen-linear.js';
import { gelu } from './gelu.js';
import { loraLinear } from './lora-linear.js';
import { layerNorm, rmsNorm } from './norms.js';
import { rotary } from './rotary.js';
import { swiglu } from './swiglu.js';

/** lowrank's ops on our own engine. `residual` is left out: composed, it is the engine's `Add` and nothing more. */
export const kernels: Kernels = {
  adamw,
  attention,
  crossEntropy,
  dequantise,
  embeddingLookup,
  frozenLinear,
  gelu,
  layerNorm,
  loraLinear,
  rmsNorm,
  rotary,
  swiglu,
  windowedAttention: attention,
};
