import type { AdapterPlan } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import { checkBudget, parameterLimit, type Budget } from './budget.js';
import { fixedParameters } from './fixed-parameters.js';
import { memoryLimits } from './memory-limits.js';

/** What ranks must keep within: `Σ rank · cost ≤ room`. */
export interface Limit {
  /** Of one rank, by the module's place in the plan. */
  costs: number[];
  /** What is left of a budget for ranks. */
  room: number;
}

/** What a budget comes to: one limit in parameters, or one in bytes for each peak of a step. Throws `config-invalid`. */
export function limitsOf(plan: AdapterPlan, budget: Budget): Limit[] {
  checkBudget(budget);
  if ('memory' in budget) return memoryLimits(plan, budget);
  return [{ costs: plan.modules.map(perRank), room: parameterLimit(plan, budget) - fixedParameters(plan) }];
}
