import type { AdapterPlan } from '@lowrank/core';

/**
 * The singular values that tell how much of a module's matrix (its weight, its inputs, its gradient) each further rank
 * takes up.
 */
export interface Spectrum {
  /** From the largest on, none negative; the small end may be left out. */
  values: readonly number[];
  /** `Σσ²` of all there are, also of those left out. */
  energy: number;
  /** `exp` of the entropy of all there are, also of those left out; only where all were looked at. */
  effectiveRank?: number | undefined;
}

/** Spectra by the path of their module. */
export type Evidence = ReadonlyMap<string, Spectrum>;

/** Ranks by the path of their module. 0 leaves the module as it is. */
export type Ranks = ReadonlyMap<string, number>;

/** A way to choose ranks: a plain value that anybody may write. `withRanks` makes a plan of what it gives. */
export interface RankStrategy {
  name: string;
  /** A rank for each module of the plan. Throws `config-invalid` for evidence that lacks one, or that is not finite. */
  ranks(plan: AdapterPlan, evidence: Evidence): Ranks;
}
