import type { Kernels } from '@lowrank/core';
import { loadPrograms } from '../graph/load-programs.js';
import { adamw } from './adamw.js';
import { attention, attentionPrograms } from './attention.js';
import { crossEntropy, crossEntropyPrograms } from './cross-entropy.js';
import { dequantise, dequantisePrograms } from './dequantise.js';
import { frozenLinear, frozenLinearPrograms } from './frozen-linear.js';
import { gelu, geluPrograms } from './gelu.js';
import { layerNorm, layerNormPrograms } from './layer-norm.js';
import { loraLinear, loraLinearPrograms } from './lora-linear.js';
import { rmsNorm, rmsNormPrograms } from './rms-norm.js';
import { rotary, rotaryPrograms } from './rotary.js';
import { swiglu, swigluPrograms } from './swiglu.js';

const run = loadPrograms({
  ...attentionPrograms,
  ...crossEntropyPrograms,
  ...dequantisePrograms,
  ...frozenLinearPrograms,
  ...geluPrograms,
  ...layerNormPrograms,
  ...loraLinearPrograms,
  ...rmsNormPrograms,
  ...rotaryPrograms,
  ...swigluPrograms,
});

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
  rmsNorm: rmsNorm(run),
  rotary: rotary(run),
  swiglu: swiglu(run),
  windowedAttention: attention(run),
};
