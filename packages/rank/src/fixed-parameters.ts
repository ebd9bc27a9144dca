import type { AdapterPlan } from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';

/** The parameters of a plan that no rank changes: extras, magnitudes and biases on B. */
export function fixedParameters({ modules, extras }: AdapterPlan): number {
  const besides = modules.reduce((sum, module) => sum + module.parameters - module.rank * perRank(module), 0);
  return extras.reduce((sum, { parameters }) => sum + parameters, besides);
}
