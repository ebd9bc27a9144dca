import { LowrankError, type ModelOutline } from '@lowrank/core';
import { stepMemory, type Workload } from '@lowrank/efficiency';
import type { Budget } from './budget.js';
import { fixedParameters, largestRank, smallestRank } from './room.js';
import { perRank } from '@lowrank/efficiency';
import type { RankStrategy } from './strategy.js';
import { withRanks } from './with-ranks.js';

export interface MemoryLimit {
  outline: ModelOutline;
  workload: Workload;
  /** Bytes that a whole training step may hold at its peak: base, adapter, gradients, moments and activations. */
  memory: number;
}

/**
 * The ranks of a strategy at the largest budget whose training steps fit into memory, by `stepMemory` and bisection.
 *
 * Throws, when asked for ranks, what the strategy throws, and `config-invalid` where no step fits even at the smallest
 * ranks, with what that takes.
 *
 * @example memoryRanks(evenRanks, { outline, workload: { batch: 8, seq: 256 }, memory: 2 ** 30 })
 */
export function memoryRanks(strategy: (budget: Budget) => RankStrategy, limit: MemoryLimit): RankStrategy {
  const { outline, workload, memory } = limit;
  return {
    name: strategy({ parameters: 1 }).name,
    ranks(plan, evidence) {
      const at = (parameters: number) => strategy({ parameters }).ranks(plan, evidence);
      const needed = (parameters: number) => stepMemory(outline, withRanks(plan, at(parameters)), workload).total;
      const count = (rank: typeof smallestRank) =>
        plan.modules.reduce((sum, module) => sum + rank(module) * perRank(module), fixedParameters(plan));
      let [fits, beyond] = [count(smallestRank), count(largestRank) + 1];
      const least = needed(fits);
      if (!(least <= memory)) throw tooLittle(memory, least);
      while (beyond - fits > 1) {
        const middle = Math.floor((fits + beyond) / 2);
        if (needed(middle) <= memory) fits = middle;
        else beyond = middle;
      }
      return at(fits);
    },
  };
}

function tooLittle(memory: number, least: number): LowrankError {
  return new LowrankError('config-invalid', {
    given: `memory: ${memory}`,
    rule: `a step at the smallest ranks holds ${least} bytes`,
    fix: `give at least as many, which is the nearest possible, or take a smaller batch or shorter sequences`,
  });
}
