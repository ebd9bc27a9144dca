export { combine, type WeightedAdapter } from './combine.js';
export type { CombineKind, CombineOptions, MajoritySign } from './kinds/recipe.js';

export { averageAdapters, type Averaged, type AveragedModule, type AverageOptions } from './average-adapters.js';

export { updateSpectra } from './update-spectra.js';
export { rerank, type Reranked, type RerankedModule } from './rerank.js';
export type { SizeChoice } from './size-choice.js';

export { compare, type AdapterComparison, type Likeness, type ModuleComparison } from './compare.js';
export type { OtherComparison } from './compare-others.js';
export type { UpdateFacts } from './update-facts.js';

export { extract, type Extracted, type ExtractedModule, type ExtractOptions } from './extract/extract.js';
export type { LeftOut } from './extract/left-out.js';
export type { WeightSource } from './extract/weight-source.js';
