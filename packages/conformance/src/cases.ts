import { geluCases, residualCases, swigluCases } from './cases/activations.js';
import { adamwCases } from './cases/adamw.js';
import { deltaWeightCases, dropoutCases } from './cases/adapter-parts.js';
import { attentionCases, windowedAttentionCases } from './cases/attention.js';
import { crossEntropyCases } from './cases/cross-entropy.js';
import { doraCases } from './cases/dora.js';
import { frozenConvCases } from './cases/frozen-conv.js';
import { frozenLinearCases } from './cases/frozen-linear.js';
import { loraConvCases } from './cases/lora-conv.js';
import { loraEmbeddingCases } from './cases/lora-embedding.js';
import { loraLinearCases } from './cases/lora-linear.js';
import { layerNormCases, rmsNormCases } from './cases/norms.js';
import { dequantiseCases, embeddingLookupCases } from './cases/packed-weights.js';
import { rotaryCases } from './cases/rotary.js';
import { trainedConvCases } from './cases/trained-conv.js';
import { trainingStepCases } from './cases/training-step.js';
import type { ConformanceCase } from './conformance-case.js';

/** Everything that a backend must get right, as data: no test runner is needed to run them. */
export const conformanceCases: ConformanceCase[] = [
  ...frozenLinearCases,
  ...loraLinearCases,
  ...frozenConvCases,
  ...loraConvCases,
  ...trainedConvCases,
  ...loraEmbeddingCases,
  ...doraCases,
  ...layerNormCases,
  ...rmsNormCases,
  ...geluCases,
  ...swigluCases,
  ...rotaryCases,
  ...residualCases,
  ...attentionCases,
  ...windowedAttentionCases,
  ...crossEntropyCases,
  ...embeddingLookupCases,
  ...dequantiseCases,
  ...adamwCases,
  ...dropoutCases,
  ...deltaWeightCases,
  ...trainingStepCases,
];
