import { LowrankError, type AdapterPlan, type ModelOutline } from '@lowrank/core';
import { stepMoments, wasmMemory, type Workload } from '@lowrank/efficiency';
import type { Limit } from './limits.js';
import { smallestRank } from './rank-range.js';
import { withRanks } from './with-ranks.js';

/** The most that a whole training step may hold. */
export interface MemoryBudget {
  /** Bytes at the step's peak: base, adapter, gradients, moments and activations. */
  memory: number;
  outline: ModelOutline;
  /** Without checkpointing, which the trainer does not do. */
  workload: Workload & { checkpointing?: false | undefined };
}

/**
 * At each moment of a step, every module's rank adds the same bytes to what is there, whatever the others have. So
 * `stepMoments` with one module at a time a step above its smallest rank tells each moment for all ranks. Where a module
 * is left out, the step holds less than is reckoned.
 */
export function memoryLimits(plan: AdapterPlan, budget: MemoryBudget): Limit[] {
  const { outline, workload } = budget;
  const tensors = tensorsWithin(budget);
  const smallest = new Map(plan.modules.map((module) => [module.path, smallestRank(module)]));
  const least = moments(smallest);
  const grown = plan.modules.map((module) => moments(new Map([...smallest, [module.path, 2 * smallestRank(module)]])));
  const all = least.map((bytes, at): Limit => {
    const costs = plan.modules.map((module, index) => (grown[index]![at]! - bytes) / smallestRank(module));
    const above = plan.modules.reduce((sum, module, index) => sum + smallestRank(module) * costs[index]!, 0);
    return { costs, room: tensors - (bytes - above) };
  });
  return tightest(all);

  function moments(ranks: Map<string, number>): number[] {
    return stepMoments(outline, withRanks(plan, ranks), workload);
  }
}

/** Leaves out a limit where another leaves no more room and takes no less of it, rank by rank. */
function tightest(limits: Limit[]): Limit[] {
  const found: Limit[] = [];
  for (const limit of limits.toSorted((left, right) => left.room - right.room)) {
    const within = ({ costs }: Limit) => limit.costs.every((cost, at) => cost <= costs[at]!);
    if (!found.some(within)) found.push(limit);
  }
  return found;
}

/** @param room bytes of tensors that are left at the smallest ranks, below 0 */
export function tooLittleMemory(budget: MemoryBudget, room: number): LowrankError {
  const least = withBackend(tensorsWithin(budget) - room, budget);
  return new LowrankError('config-invalid', {
    given: `memory: ${budget.memory}`,
    rule: `a step at the smallest ranks holds ${least} bytes`,
    fix: `give at least as many, which is the nearest possible, or take a smaller batch or shorter sequences`,
  });
}

/** The most bytes of tensors that a step may hold with what the backend takes beside them. */
function tensorsWithin(budget: MemoryBudget): number {
  const { runtime, overhead } = kernelsOf(budget);
  const near = Math.floor((budget.memory - runtime) / (1 + overhead));
  // The division rounds.
  return [near + 1, near].find((tensors) => withBackend(tensors, budget) <= budget.memory) ?? near - 1;
}

/** As `stepMemory` reckons a total. */
function withBackend(tensors: number, budget: MemoryBudget): number {
  const { runtime, overhead } = kernelsOf(budget);
  return tensors + Math.ceil(runtime + overhead * tensors);
}

const kernelsOf = ({ workload }: MemoryBudget) => workload.kernels ?? wasmMemory;
