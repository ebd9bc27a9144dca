export { withRanks } from './with-ranks.js';
export type { Evidence, Ranks, RankStrategy, Spectrum } from './strategy.js';
export { adaptiveRanks, type AdaptiveRanksOptions, type AdaptiveStanding } from './adaptive/adaptive-ranks.js';
export { compactAdapter } from './adaptive/compact-adapter.js';
export {
  successiveHalving,
  type HalvingOptions,
  type Probe,
  type ProbeResult,
  type Standing,
} from './probe/successive-halving.js';
