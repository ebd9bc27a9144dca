export { combine, type WeightedAdapter } from './combine.js';
export type { CombineKind, CombineOptions, MajoritySign } from './kinds/recipe.js';

export { rerank, type Reranked, type RerankedModule } from './rerank.js';
export type { SizeChoice } from './size-choice.js';

export { compare, type AdapterComparison, type Likeness, type ModuleComparison } from './compare.js';
export type { OtherComparison } from './compare-others.js';
export type { UpdateFacts } from './update-facts.js';
