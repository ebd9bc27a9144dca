export { withRanks } from './with-ranks.js';
export type { Evidence, Ranks, RankStrategy, Spectrum } from './strategy.js';
