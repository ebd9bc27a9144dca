export * from './plan.js';

export { useBackend, type AutoOptions } from './backend/use-backend.js';
export type { Backend, Capabilities } from './backend/backend.js';
export type {
  AdamwArgs,
  AdamwResult,
  AttentionArgs,
  CrossEntropyArgs,
  EmbeddingLookupArgs,
  FrozenLinearArgs,
  FrozenWeight,
  GeluArgs,
  Kernel,
  Kernels,
  LayerNormArgs,
  LoraLinearArgs,
  PlainKernel,
  ResidualArgs,
  RmsNormArgs,
  RotaryArgs,
  SwigluArgs,
  WindowedAttentionArgs,
} from './backend/kernels.js';

export type { Host, HostModule } from './host/host.js';
export type { FrozenModule } from './host/frozen-module.js';
export type { BatchRows } from './host/batch-rows.js';
export type { ForwardContext } from './host/forward-context.js';
export { hostOf } from './host/host-of.js';

export { FrozenConv } from './layers/frozen-conv.js';
export { FrozenLinear } from './layers/frozen-linear.js';
export type { AdaptedModule, MergedTensors } from './layers/adapted-module.js';
export type { LoraLayer } from './layers/lora-layer.js';
export { LoraLinear, type LoraLinearOptions } from './layers/lora-linear.js';
export { LoraConv } from './layers/lora-conv.js';
export { LoraEmbedding, type LoraEmbeddingOptions } from './layers/lora-embedding.js';
export { TokenRows } from './layers/token-rows.js';
export { TokenRowsHead } from './layers/token-rows-head.js';
export { TrainedModule } from './layers/trained-module.js';
export { Dora } from './variants/dora.js';
export { ShiftedLora } from './variants/shifted-lora.js';

export type { Parameter } from './adapter/parameter.js';
export { holdForTraining, inTraining } from './adapter/training-hold.js';

export { adamw } from './ops/adamw.js';
export { attention, type AttentionOptions } from './ops/attention.js';
export { crossEntropy, type CrossEntropyOptions } from './ops/cross-entropy.js';
export type { OpResult } from './ops/custom-op.js';
export { deltaWeight } from './ops/delta-weight.js';
export { dropout } from './ops/dropout.js';
export { embeddingLookup } from './ops/embedding-lookup.js';
export type { ConvGeometry } from './ops/conv-geometry.js';
export { frozenConv } from './ops/frozen-conv.js';
export { frozenLinear, type FrozenLinearOptions } from './ops/frozen-linear.js';
export { gelu, type GeluOptions } from './ops/gelu.js';
export { layerNorm } from './ops/layer-norm.js';
export { leanGradients, type LeanGradients } from './ops/lean-gradients.js';
export { loraConv, type LoraConvWeights } from './ops/lora-conv.js';
export { loraLinear, type LoraLinearWeights } from './ops/lora-linear.js';
export { residual } from './ops/residual.js';
export { rmsNorm } from './ops/rms-norm.js';
export { rotary } from './ops/rotary.js';
export { swiglu } from './ops/swiglu.js';
export { trainedConv } from './ops/trained-conv.js';

export { BlockWeight } from './quant/block-weight.js';
export { denseWeight } from './quant/dense-weight.js';
export { dequantise } from './quant/dequantise.js';

export { initialFactors, type InitialFactors, type InitialFactorsOptions } from './init/initial-factors.js';
export { eva, principalComponents, type PrincipalComponents } from './init/eva.js';
export { evaRanks } from './init/eva-ranks.js';
export { loftq } from './init/loftq.js';
export { olora } from './init/olora.js';
export { fastPissa, pissa, type FastPissaOptions, type PissaOptions } from './init/pissa.js';
export { sketch, type Sketch, type SketchOptions } from './init/sketch.js';
export {
  activationMoments,
  type ActivationMoments,
  type ActivationMomentsOptions,
} from './activations/activation-moments.js';
