export { parameterEfficiency, type ParameterEfficiency } from './parameter-efficiency.js';
export { planCost, type ModuleCost, type PlanCost } from './plan-cost.js';
export { perRank } from './per-rank.js';
export { adapterFileBytes } from './file-bytes.js';

export { estimate, estimateFull, estimateRanks, type Estimate } from './estimate.js';
export { stepMemory, type StepMemory } from './step-memory.js';
export { stepMoments } from './step-moments.js';
export type { Workload } from './workload.js';
export { memoryParts, type MemoryParts } from './memory-parts.js';
export { stepFlops, type FlopCount, type StepFlops } from './step-flops.js';
export { nodeMemory, wasmMemory, webgpuMemory, type KernelMemory } from './kernel-memory.js';
export { fitMemory, type FittedMemory, type MemorySample } from './fit-memory.js';
export type { BatchShape } from './batch-shape.js';

export { advise, type AdviseOptions } from './advise.js';
export type { Advice } from './advice/advice.js';

export { predictSeconds, stepWork, type Speed, type Work } from './predict-seconds.js';
export { fitSpeed, type SpeedSample } from './fit-speed.js';
