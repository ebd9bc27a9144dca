import { LowrankError, type AdapterPlan } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import { budgetText, parameterLimit, type ParameterBudget } from './budget.js';
import { fixedParameters } from './fixed-parameters.js';

/**
 * What a budget leaves for A and B of all modules, in parameters: all but heads, biases and magnitudes. Throws
 * `config-invalid` where that is no component of any module.
 */
export function factorRoom(plan: AdapterPlan, budget: ParameterBudget): number {
  const fixed = fixedParameters(plan);
  const room = parameterLimit(plan, budget) - fixed;
  const least = Math.min(...plan.modules.map(perRank));
  if (room >= least) return room;
  throw new LowrankError('config-invalid', {
    given: budgetText(budget),
    rule: `the least that one component and what is trained besides take is ${fixed + least} parameters`,
    fix: 'give that or more',
  });
}
