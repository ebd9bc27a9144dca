import { LowrankError, type AdapterPlan } from '@lowrank/core';
import { planCost } from '@lowrank/efficiency';

/**
 * The most an adapter may take: so many trained parameters; what leaves this reduction of the whole model's
 * parameters, in percent; or bytes of the adapter, its gradients and AdamW's moments in float32.
 */
export type Budget = { parameters: number } | { reductionPercent: number } | { trainingBytes: number };

/**
 * The most trained parameters within a budget, extras included. Throws `config-invalid` for a budget that is no finite
 * number above 0, and for a reduction of 100 % and more.
 */
export function parameterLimit(plan: AdapterPlan, budget: Budget): number {
  const [unit, value] = Object.entries(budget)[0] as [string, number];
  if (!Number.isFinite(value) || value <= 0) throw invalid(`${unit}: ${value}`, 'a budget is a finite number above 0');
  if ('parameters' in budget) return Math.floor(budget.parameters);
  if ('trainingBytes' in budget) return Math.floor(budget.trainingBytes / bytesPerParameter(plan));
  if (value < 100) return withinReduction(plan.base.parameters, value);
  throw invalid(`${unit}: ${value}`, 'an adapter has parameters, so the reduction is below 100 %');
}

/** The budget in its own unit that so many trained parameters take. */
export function budgetFor(plan: AdapterPlan, budget: Budget, parameters: number): string {
  if ('parameters' in budget) return `${parameters} parameters`;
  if ('trainingBytes' in budget) return `${parameters * bytesPerParameter(plan)} bytes`;
  return `a reduction of ${100 * (1 - parameters / plan.base.parameters)} %`;
}

function bytesPerParameter(plan: AdapterPlan): number {
  const { adapterParameters, adapterBytes, gradientBytes, optimizerBytes } = planCost(plan);
  return (adapterBytes + gradientBytes + optimizerBytes) / adapterParameters;
}

/** The product rounds, so the count beside it is held against the percentage itself. */
function withinReduction(base: number, percent: number): number {
  const most = Math.ceil(base * (1 - percent / 100)) + 1;
  return [most, most - 1, most - 2, most - 3].find((count) => 100 * (1 - count / base) >= percent) ?? 0;
}

function invalid(given: string, rule: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix: 'give a value that fits' });
}
