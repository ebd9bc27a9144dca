export { evenRanks } from './even-ranks.js';
export { layerRanks } from './layer-ranks.js';
export { energyRanks, type EnergyRanksOptions } from './energy-ranks.js';
export { parameterLimit, type Budget, type ParameterBudget } from './budget.js';
export type { MemoryBudget } from './memory-limits.js';
export { largestRank } from './rank-range.js';

export { weightSpectra, type WeightSpectraOptions } from './weight-spectra.js';
export { activationSpectra } from './activation-spectra.js';
export { gradientSpectra, type GradientSpectraOptions } from './gradient-spectra.js';
export type { GradientSource } from './gradient/accumulated-gradients.js';

export { withRanks } from './with-ranks.js';
export type { Evidence, Ranks, RankStrategy, Spectrum } from './strategy.js';
export { factorRoom } from './factor-room.js';
export { adaptiveRanks, type AdaptiveRanksOptions, type AdaptiveStanding } from './adaptive/adaptive-ranks.js';
export { compactAdapter } from './adaptive/compact-adapter.js';
export {
  successiveHalving,
  type HalvingOptions,
  type Probe,
  type ProbeResult,
  type Standing,
} from './probe/successive-halving.js';
