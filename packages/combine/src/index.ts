export { combine, type WeightedAdapter } from './combine.js';
export type { CombineKind, CombineOptions, MajoritySign } from './kinds/recipe.js';
