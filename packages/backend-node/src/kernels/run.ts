import { loadPrograms } from '../graph/load-programs.js';
import { attentionPrograms } from './attention.js';
import { crossEntropyPrograms } from './cross-entropy.js';
import { dequantisePrograms } from './dequantise.js';
import { frozenLinearPrograms } from './frozen-linear.js';
import { geluPrograms } from './gelu.js';
import { layerNormPrograms } from './layer-norm.js';
import { loraLinearPrograms } from './lora-linear.js';
import { residualPrograms } from './residual.js';
import { rmsNormPrograms } from './rms-norm.js';
import { rotaryPrograms } from './rotary.js';
import { swigluPrograms } from './swiglu.js';
import { transposePrograms } from './transpose.js';

/** Every program but those of `adamw`, in one graph that TensorFlow loads at the first run. */
export const run = loadPrograms({
  ...attentionPrograms,
  ...crossEntropyPrograms,
  ...dequantisePrograms,
  ...frozenLinearPrograms,
  ...geluPrograms,
  ...layerNormPrograms,
  ...loraLinearPrograms,
  ...residualPrograms,
  ...rmsNormPrograms,
  ...rotaryPrograms,
  ...swigluPrograms,
  ...transposePrograms,
});
