import { LowrankError, type PlannedModule } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import { largestRank, smallestRank } from './rank-range.js';
import type { RankStrategy } from './strategy.js';

/**
 * Layer by layer: the largest rank of each module whose factors still save this share of that module's own weight, in
 * percent: `r (in + out) ≤ (1 - share) · in · out`. Shapes differ, so ranks do. Looks at no evidence.
 *
 * Throws, when asked for ranks, `config-invalid` for a share that is not above 0 and below 100, and for one that a
 * module does not reach at its smallest rank, with the nearest that all do.
 */
export function layerRanks({ reductionPercent }: { reductionPercent: number }): RankStrategy {
  return {
    name: 'layer',
    ranks({ modules }) {
      if (!(reductionPercent > 0 && reductionPercent < 100)) throw outOfRange(reductionPercent);
      const nearest = Math.min(...modules.map((module) => saved(module, smallestRank(module))));
      if (nearest < reductionPercent) throw unreachable(reductionPercent, nearest, modules);
      return new Map(modules.map((module) => [module.path, largestSaving(module, reductionPercent)]));
    },
  };
}

function largestSaving(module: PlannedModule, percent: number): number {
  const step = smallestRank(module);
  const allowed = ((1 - percent / 100) * module.baseParameters) / perRank(module);
  const rank = step * Math.min(Math.floor(allowed / step) + 1, largestRank(module) / step);
  // The quotient rounds, so the rank beside it is held against the percentage itself.
  return [rank, rank - step, rank - 2 * step].find((each) => each > 0 && saved(module, each) >= percent) ?? step;
}

function saved(module: PlannedModule, rank: number): number {
  return 100 * (1 - (rank * perRank(module)) / module.baseParameters);
}

function outOfRange(percent: number): LowrankError {
  return new LowrankError('config-invalid', {
    given: `reductionPercent: ${percent}`,
    rule: 'it is the share of each weight to save, above 0 and below 100',
    fix: 'give one, such as 98',
  });
}

function unreachable(percent: number, nearest: number, modules: PlannedModule[]): LowrankError {
  const { path } = modules.find((module) => saved(module, smallestRank(module)) === nearest) as PlannedModule;
  return new LowrankError('config-invalid', {
    given: `reductionPercent: ${percent}`,
    rule: `"${path}" saves ${nearest} % at its smallest rank`,
    fix: `give at most ${nearest}, which is the nearest possible, or leave that module out`,
  });
}
