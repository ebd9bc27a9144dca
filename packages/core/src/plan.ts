// `@lowrank/core/plan`: what needs no TensorFlow.js, for whoever plans, reads files or reckons, and starts at once.
export { loraConfig, type LoraConfig, type LoraConfigInput } from './config/lora-config.js';
export { scalingOf, type ScalingOptions } from './config/scaling.js';

export type { ModuleInfo } from './plan/module-info.js';
export type { ForwardPass, ForwardStep, ModelOutline } from './plan/forward-pass.js';
export { planAdapter } from './plan/plan-adapter.js';
export type { AdapterPlan, PlannedExtra, PlannedModule } from './plan/adapter-plan.js';
export { matchTargets, type TargetChoice, type TargetMatch } from './plan/match-targets.js';
export { inChosenLayers } from './plan/chosen-layers.js';
export { pathPattern, patternValue } from './plan/patterns.js';
export { nearest } from './plan/nearest.js';

export type { Adapter, PlainTensor } from './adapter/adapter.js';
export type { Checkpoint, Json } from './adapter/checkpoint.js';
export { plainLora } from './adapter/plain-lora.js';
export {
  loraTensorName,
  parseLoraTensorName,
  parseTensorName,
  type LoraRole,
  type ParameterRole,
} from './adapter/tensor-name.js';
export type { LabelledBatch } from './data/labelled-batch.js';
export type { TokenBatch } from './data/token-batch.js';

export { bitsOf, blockOf, codebooks, type BlockFormat, type CodedFormat } from './quant/block-format.js';
export { f16Values, narrowToBf16, narrowToF16, widenBf16, widenF16 } from './quant/half.js';

export { drawnFactors, type DrawnFactorsOptions, type Factors } from './init/drawn-factors.js';
export type { ComputedInit, DrawnInit, LoraInit } from './init/lora-init.js';
export { topSingular, type Matrix, type SingularTriplet } from './init/top-singular.js';
export { orthonormal } from './init/orthonormal.js';
export { effectiveRank, rankForEnergy, stableRank, truncationError } from './spectrum/spectrum.js';

export { deriveSeed } from './random/derive-seed.js';
export { randomFloats, type RandomOptions } from './random/random-floats.js';

export { errorCodes, type ErrorCode } from './errors/codes.js';
export { invariant } from './errors/invariant.js';
export { LowrankError, type ErrorFacts } from './errors/lowrank-error.js';
