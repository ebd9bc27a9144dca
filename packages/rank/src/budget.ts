import { LowrankError, type AdapterPlan } from '@lowrank/core';
import { planCost } from '@lowrank/efficiency';
import type { MemoryBudget } from './memory-limits.js';

/** What a strategy may spend: on what is trained alone, or on a whole training step. */
export type Budget = ParameterBudget | MemoryBudget;

/**
 * The most an adapter may take: so many trained parameters; what leaves this reduction of the whole model's
 * parameters, in percent; or bytes of the adapter, its gradients and AdamW's moments in float32.
 */
export type ParameterBudget = { parameters: number } | { reductionPercent: number } | { trainingBytes: number };

/**
 * The most trained parameters within a budget, extras included. Throws `config-invalid` for a budget that is no finite
 * number above 0, and for a reduction of 100 % and more.
 */
export function parameterLimit(plan: AdapterPlan, budget: ParameterBudget): number {
  checkBudget(budget);
  if ('parameters' in budget) return Math.floor(budget.parameters);
  if ('trainingBytes' in budget) return Math.floor(budget.trainingBytes / bytesPerParameter(plan));
  const { reductionPercent } = budget;
  if (reductionPercent < 100) return withinReduction(plan.base.parameters, reductionPercent);
  throw invalid(budget, 'an adapter has parameters, so the reduction is below 100 %');
}

/** Throws `config-invalid` for a budget that is no finite number above 0. */
export function checkBudget(budget: Budget): void {
  const value = valueOf(budget);
  if (!Number.isFinite(value) || value <= 0) throw invalid(budget, 'a budget is a finite number above 0');
}

/** The budget in its own unit that so many trained parameters take. */
export function budgetFor(plan: AdapterPlan, budget: ParameterBudget, parameters: number): string {
  if ('parameters' in budget) return `${parameters} parameters`;
  if ('trainingBytes' in budget) return `${parameters * bytesPerParameter(plan)} bytes`;
  return `a reduction of ${100 * (1 - parameters / plan.base.parameters)} %`;
}

/** As an error names it: its unit and value. */
export function budgetText(budget: Budget): string {
  return `${unitOf(budget)}: ${valueOf(budget)}`;
}

const units = ['parameters', 'reductionPercent', 'trainingBytes', 'memory'] as const;

function unitOf(budget: Budget): string {
  return units.find((unit) => unit in budget) as string;
}

function valueOf(budget: Budget): number {
  return (budget as unknown as Record<string, number>)[unitOf(budget)] as number;
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

function invalid(budget: Budget, rule: string): LowrankError {
  return new LowrankError('config-invalid', { given: budgetText(budget), rule, fix: 'give a value that fits' });
}
