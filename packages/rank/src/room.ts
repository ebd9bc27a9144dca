import { LowrankError, type AdapterPlan, type PlannedModule } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import { budgetFor, budgetText, type Budget } from './budget.js';
import { fixedParameters } from './fixed-parameters.js';
import { limitsOf, type Limit } from './limits.js';
import { tooLittleMemory } from './memory-limits.js';

/**
 * What a budget leaves for ranks above `least`.
 * Throws `config-invalid` where it does not even take those, with the nearest that would.
 */
export function roomAbove(plan: AdapterPlan, budget: Budget, least: (module: PlannedModule) => number): Limit[] {
  const above = limitsOf(plan, budget).map(({ costs, room }): Limit => {
    return { costs, room: plan.modules.reduce((left, module, at) => left - least(module) * costs[at]!, room) };
  });
  const room = Math.min(...above.map((limit) => limit.room));
  if (room >= 0) return above;
  if ('memory' in budget) throw tooLittleMemory(budget, room);
  const needed = plan.modules.reduce((sum, module) => sum + least(module) * perRank(module), fixedParameters(plan));
  throw new LowrankError('config-invalid', {
    given: budgetText(budget),
    rule: `the least that ${plan.modules.length} modules and what is trained besides take is ${needed} parameters`,
    fix: `give ${budgetFor(plan, budget, needed)}, which is the nearest possible, or adapt fewer modules`,
  });
}
