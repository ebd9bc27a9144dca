import { rankForEnergy, stableRank, type AdapterPlan } from '@lowrank/core';
import type { Evidence } from '@lowrank/rank';

/** One module's rank and what led to it. */
export interface RankFacts {
  path: string;
  in: number;
  out: number;
  rank: number;
  alpha: number;
  scaling: number;
  parameters: number;
  /** What the evidence has, null where none was looked at. */
  spectrum: {
    /** The share of its energy within the rank. */
    within: number;
    stableRank: number;
    /** Null where not all values were looked at. */
    effectiveRank: number | null;
    /** The rank that has 90 % of it, null where what was found has less. */
    ninety: number | null;
    values: readonly number[];
    energy: number;
  } | null;
}

export function rankFacts({ modules }: AdapterPlan, evidence: Evidence): RankFacts[] {
  return modules.map(({ path, in: from, out, rank, alpha, scaling, parameters }) => ({
    ...{ path, in: from, out, rank, alpha, scaling, parameters },
    spectrum: spectrumFacts(evidence, path, rank),
  }));
}

function spectrumFacts(evidence: Evidence, path: string, rank: number): RankFacts['spectrum'] {
  const spectrum = evidence.get(path);
  if (!spectrum) return null;
  const { values, energy, effectiveRank = null } = spectrum;
  const found = energyWithin(values, values.length);
  return {
    within: energy === 0 ? 0 : energyWithin(values, rank) / energy,
    stableRank: stableRank(values, energy),
    effectiveRank,
    ninety: found < 0.9 * energy ? null : rankForEnergy(values, 0.9, energy),
    values,
    energy,
  };
}

export function energyWithin(values: readonly number[], rank: number): number {
  return values.slice(0, rank).reduce((sum, value) => sum + value ** 2, 0);
}
