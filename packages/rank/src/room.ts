import { LowrankError, type AdapterPlan, type PlannedModule } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import { budgetFor, parameterLimit, type Budget } from './budget.js';

/** The parameters of a plan that no rank changes: extras, magnitudes and biases on B. */
export function fixedParameters({ modules, extras }: AdapterPlan): number {
  const besides = modules.reduce((sum, module) => sum + module.parameters - module.rank * perRank(module), 0);
  return extras.reduce((sum, { parameters }) => sum + parameters, besides);
}

/**
 * What a budget leaves for ranks above `least`, in parameters.
 * Throws `config-invalid` where it does not even take those, with the nearest that would.
 */
export function roomAbove(plan: AdapterPlan, budget: Budget, least: (module: PlannedModule) => number): number {
  const needed = plan.modules.reduce((sum, module) => sum + least(module) * perRank(module), fixedParameters(plan));
  const room = parameterLimit(plan, budget) - needed;
  if (room >= 0) return room;
  const [[unit, value]] = Object.entries(budget) as [[string, number]];
  throw new LowrankError('config-invalid', {
    given: `${unit}: ${value}`,
    rule: `the least that ${plan.modules.length} modules and what is trained besides take is ${needed} parameters`,
    fix: `give ${budgetFor(plan, budget, needed)}, which is the nearest possible, or adapt fewer modules`,
  });
}

/** A convolution's rank is a multiple of its groups. */
export function smallestRank({ groups = 1 }: PlannedModule): number {
  return groups;
}

/** A higher rank adds no direction to an update: `min(in, out)`, with a convolution's kernel in `in`. */
export function largestRank({ in: from, out, kernel = [], groups = 1 }: PlannedModule): number {
  const side = Math.min(
    kernel.reduce((product, length) => product * length, from),
    out,
  );
  return Math.max(groups, side - (side % groups));
}
