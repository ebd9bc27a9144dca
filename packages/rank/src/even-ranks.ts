import type { AdapterPlan } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import type { Budget } from './budget.js';
import type { Limit } from './limits.js';
import { largestRank, smallestRank } from './rank-range.js';
import { roomAbove } from './room.js';
import type { RankStrategy } from './strategy.js';

/**
 * The largest rank that all modules can have within a budget, no module more than its sides allow; and one more for the
 * first of them, those of fewest parameters, as far as what is left goes. Looks at no evidence. A larger budget takes no
 * module's rank away.
 *
 * Throws, when asked for ranks, `config-invalid` for a budget that cannot be, with the nearest that can.
 */
export function evenRanks(budget: Budget): RankStrategy {
  return { name: 'even', ranks: (plan) => evenly(plan, roomAbove(plan, budget, smallestRank)) };
}

function evenly(plan: AdapterPlan, limits: Limit[]): Map<string, number> {
  const modules = plan.modules.map((module, at) => ({
    path: module.path,
    step: smallestRank(module),
    most: largestRank(module),
    parameters: smallestRank(module) * perRank(module),
    costs: limits.map(({ costs }) => smallestRank(module) * costs[at]!),
  }));
  const cheapestFirst = modules.toSorted((left, right) => left.parameters - right.parameters);
  const ranks = new Map(modules.map(({ path, step }) => [path, step]));
  const left = limits.map(({ room }) => room);
  for (let rank = 2; ; rank++) {
    const growing = cheapestFirst.filter(({ path, step, most }) => ranks.get(path)! + step <= Math.min(rank, most));
    for (const { path, step, costs } of growing) {
      if (costs.some((cost, at) => cost > left[at]!)) return ranks;
      ranks.set(path, ranks.get(path)! + step);
      costs.forEach((cost, at) => (left[at]! -= cost));
    }
    if (modules.every(({ path, step, most }) => ranks.get(path)! + step > most)) return ranks;
  }
}
