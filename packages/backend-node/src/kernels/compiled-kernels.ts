import type { Kernels } from '@lowrank/core';
import { loadPrograms } from '../xla/compiled.js';
import { adamw, adamwPrograms } from './adamw.js';
import { attention, attentionPrograms } from './attention.js';
import { gelu, geluPrograms } from './gelu.js';
import { layerNorm, layerNormPrograms } from './layer-norm.js';
import { rmsNorm, rmsNormPrograms } from './rms-norm.js';
import { rotary, rotaryPrograms } from './rotary.js';
import { swiglu, swigluPrograms } from './swiglu.js';

/** The ops that XLA computes in one loop, where TensorFlow's own operations would take one each; none where it has no XLA. */
export function compiledKernels(): Kernels {
  const run = loadPrograms(programs);
  if (!run) return {};
  return {
    adamw: adamw(run),
    attention: attention(run),
    gelu: gelu(run),
    layerNorm: layerNorm(run),
    rmsNorm: rmsNorm(run),
    rotary: rotary(run),
    swiglu: swiglu(run),
  };
}

const programs = {
  ...adamwPrograms,
  ...attentionPrograms,
  ...geluPrograms,
  ...layerNormPrograms,
  ...rmsNormPrograms,
  ...rotaryPrograms,
  ...swigluPrograms,
};
