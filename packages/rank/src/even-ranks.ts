import type { AdapterPlan } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import type { Budget } from './budget.js';
import { largestRank, roomAbove, smallestRank } from './room.js';
import type { RankStrategy } from './strategy.js';

/**
 * The largest rank that all modules can have within a budget, no module more than its sides allow; and one more for as
 * many modules as what is left pays for, the cheapest first. Looks at no evidence.
 *
 * Throws, when asked for ranks, `config-invalid` for a budget that cannot be, with the nearest that can.
 */
export function evenRanks(budget: Budget): RankStrategy {
  return { name: 'even', ranks: (plan) => evenly(plan, roomAbove(plan, budget, smallestRank)) };
}

function evenly(plan: AdapterPlan, room: number): Map<string, number> {
  const modules = plan.modules.map((module) => ({
    path: module.path,
    step: smallestRank(module),
    most: largestRank(module),
    cost: perRank(module),
  }));
  const cheapestFirst = modules.toSorted((left, right) => left.cost * left.step - right.cost * right.step);
  const ranks = new Map(modules.map(({ path, step }) => [path, step]));
  let left = room;
  const grow = ({ path, step, cost }: (typeof modules)[number]) => {
    ranks.set(path, ranks.get(path)! + step);
    left -= step * cost;
  };
  for (let rank = 2; ; rank++) {
    const growing = cheapestFirst.filter(({ path, step, most }) => ranks.get(path)! + step <= Math.min(rank, most));
    const cost = growing.reduce((sum, module) => sum + module.step * module.cost, 0);
    if (cost > left) {
      for (const module of growing) if (module.step * module.cost <= left) grow(module);
      return ranks;
    }
    growing.forEach(grow);
    if (modules.every(({ path, step, most }) => ranks.get(path)! + step > most)) return ranks;
  }
}
