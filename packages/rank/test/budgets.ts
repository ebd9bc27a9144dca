import { planCost, perRank, stepMemory } from '@lowrank/efficiency';
import { largestRank, withRanks, type Budget, type Ranks } from '@lowrank/rank';
import type { RandomPlan } from './random-plan.js';

export const units = ['parameters', 'reductionPercent', 'trainingBytes', 'memory'] as const;

export type Unit = (typeof units)[number];

/** What these ranks take of a budget in its unit; of a reduction, less is more. */
function spentOf({ plan, outline, workload }: RandomPlan, unit: Unit, ranks: Ranks): number {
  const sized = withRanks(plan, ranks);
  const cost = planCost(sized);
  switch (unit) {
    case 'parameters':
      return cost.adapterParameters;
    case 'reductionPercent':
      return cost.reductionPercent;
    case 'trainingBytes':
      return cost.adapterBytes + cost.gradientBytes + cost.optimizerBytes;
    case 'memory':
      return stepMemory(outline, sized, workload).total;
    default:
      return unit satisfies never;
  }
}

/** Whether ranks are within a budget, reckoned from the plan that they make. */
export function isWithin(drawn: RandomPlan, budget: Budget, ranks: Ranks): boolean {
  const [unit, value] = Object.entries(budget)[0] as [Unit, number];
  const spent = spentOf(drawn, unit, ranks);
  return unit === 'reductionPercent' ? spent >= value : spent <= value;
}

/** Budgets from the smallest that can be to more than all ranks take. */
export function budgetsOf(drawn: RandomPlan, unit: Unit, count: number): Budget[] {
  const [least, most] = [rankAll(drawn, smallest), rankAll(drawn, largest)].map((ranks) => spentOf(drawn, unit, ranks));
  return Array.from({ length: count }, (_, at): Budget => {
    const value = least! + ((most! - least!) * at) / (count - 1.5);
    switch (unit) {
      case 'parameters':
        return { parameters: Math.floor(value) };
      case 'reductionPercent':
        return { reductionPercent: Math.max(value, 1e-3) };
      case 'trainingBytes':
        return { trainingBytes: Math.floor(value) };
      case 'memory':
        return { memory: Math.floor(value), outline: drawn.outline, workload: drawn.workload };
      default:
        return unit satisfies never;
    }
  });
}

/** The ranks that a module may have, from `least` smallest ones. */
export function allowed(module: Module, least: 0 | 1): number[] {
  const { groups = 1 } = module;
  const count = largestRank(module) / groups;
  return Array.from({ length: count + 1 - least }, (_, at) => groups * (at + least));
}

type Module = RandomPlan['plan']['modules'][number];

/** Every way to give each module one of its ranks; `0` of all is none. */
export function everyChoice({ plan }: RandomPlan, least: 0 | 1): Map<string, number>[] {
  let choices: Map<string, number>[] = [new Map()];
  for (const module of plan.modules) {
    choices = allowed(module, least).flatMap((rank) => choices.map((ranks) => new Map(ranks).set(module.path, rank)));
  }
  return choices.filter((ranks) => [...ranks.values()].some((rank) => rank > 0));
}

/** The parameters of a plan with these ranks, from its parts. */
export function partsOf({ plan }: RandomPlan, ranks: Ranks): number {
  const { useDora } = plan.config;
  const extras = plan.extras.reduce((sum, { parameters }) => sum + parameters, 0);
  return plan.modules.reduce((sum, module) => {
    const rank = ranks.get(module.path)!;
    return sum + (rank > 0 ? rank * perRank(module) + (useDora ? module.out : 0) : 0);
  }, extras);
}

const smallest = (module: Module) => allowed(module, 1)[0]!;
const largest = (module: Module) => allowed(module, 1).at(-1)!;

function rankAll({ plan }: RandomPlan, rank: (module: Module) => number): Ranks {
  return new Map(plan.modules.map((module) => [module.path, rank(module)]));
}
