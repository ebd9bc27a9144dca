import type { Kernels } from '@lowrank/core';
import { adamw } from './adamw.js';
import { attention } from './attention.js';
import { crossEntropy } from './cross-entropy.js';
import { dequantise } from './dequantise.js';
import { frozenLinear } from './frozen-linear.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layer-norm.js';
import { loraLinear } from './lora-linear.js';
import { residual } from './residual.js';
import { rmsNorm } from './rms-norm.js';
import { rotary } from './rotary.js';
import { swiglu } from './swiglu.js';
import { run } from './run.js';

/** Each a graph that TensorFlow runs in one call, where tfjs's ops would take a call and a tensor each. */
export const kernels: Kernels = {
  adamw: adamw(),
  attention: attention(run),
  crossEntropy: crossEntropy(run),
  dequantise: dequantise(run),
  frozenLinear: frozenLinear(run),
  gelu: gelu(run),
  layerNorm: layerNorm(run),
  loraLinear: loraLinear(run),
  residual: residual(run),
  rmsNorm: rmsNorm(run),
  rotary: rotary(run),
  swiglu: swiglu(run),
  windowedAttention: attention(run),
};
