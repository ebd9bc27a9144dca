import { LowrankError, type AdapterPlan, type ModelOutline } from '@lowrank/core';
import { stepMemory, type Workload } from '@lowrank/efficiency';
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
 * Of a step's two peaks, the end of the backward pass and the update, each grows by the same bytes with each rank of a
 * module, whatever the others have. So `stepMemory` with one module at a time a step above its smallest rank tells both
 * for all ranks. Where a module is left out, the step holds less than is reckoned.
 */
export function memoryLimits(plan: AdapterPlan, { memory, outline, workload }: MemoryBudget): Limit[] {
  const smallest = new Map(plan.modules.map((module) => [module.path, smallestRank(module)]));
  const least = peaks(smallest);
  const grown = plan.modules.map((module) => peaks(new Map([...smallest, [module.path, 2 * smallestRank(module)]])));
  return least.map((bytes, peak) => {
    const costs = plan.modules.map((module, at) => (grown[at]![peak]! - bytes) / smallestRank(module));
    const above = plan.modules.reduce((sum, module, at) => sum + smallestRank(module) * costs[at]!, 0);
    return { costs, room: memory - (bytes - above) };
  });

  function peaks(ranks: Map<string, number>): [backward: number, update: number] {
    const step = stepMemory(outline, withRanks(plan, ranks), workload);
    const lasting = step.base + step.adapter + step.gradients + step.optimizer + step.runtime;
    return [lasting + step.activations, lasting + step.update];
  }
}

export function tooLittleMemory(memory: number, least: number): LowrankError {
  return new LowrankError('config-invalid', {
    given: `memory: ${memory}`,
    rule: `a step at the smallest ranks holds ${least} bytes`,
    fix: `give at least as many, which is the nearest possible, or take a smaller batch or shorter sequences`,
  });
}
