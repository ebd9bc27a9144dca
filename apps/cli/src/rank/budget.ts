import type { ModelOutline } from '@lowrank/core';
import type { Workload } from '@lowrank/efficiency';
import { layerRanks, type Budget, type RankStrategy } from '@lowrank/rank';
import { kernelMemoryHere } from '../doctor/kernel-memory.js';
import { readSpeeds } from '../doctor/speeds-file.js';
import { outlineFor } from '../inputs/outline.js';
import { wrongOption } from '../output/usage-error.js';
import type { RankFlags } from '../run/rank.js';
import type { RankMethod } from './rank-methods.js';

/** What `--budget-…` makes of the strategies that take a budget. */
export type Budgeted = (strategy: (budget: Budget) => RankStrategy) => RankStrategy;

/** Throws a usage error without a budget, and for one that `--by` does not take. */
export async function budgetOf(flags: RankFlags & { model: string }, by: RankMethod): Promise<Budgeted> {
  const { budgetParameters, budgetReduction, budgetMemory } = flags;
  if (by === 'layer') {
    if (budgetReduction !== undefined) return () => layerRanks({ reductionPercent: budgetReduction });
    throw wrongOption({
      given: '--by layer without --budget-reduction',
      rule: 'it is a share of each weight that it saves',
      fix: 'add --budget-reduction, such as 98',
    });
  }
  if (budgetParameters !== undefined) return (strategy) => strategy({ parameters: budgetParameters });
  if (budgetReduction !== undefined) return (strategy) => strategy({ reductionPercent: budgetReduction });
  if (budgetMemory === undefined) {
    throw wrongOption({
      given: 'no budget',
      rule: 'ranks are the largest that fit into one',
      fix: 'add --budget-parameters, --budget-reduction or --budget-memory',
    });
  }
  const outline = await outlineFor(flags.model, flags);
  const workload = await workloadOf(flags, outline);
  return (strategy) => strategy({ memory: budgetMemory, outline, workload });
}

async function workloadOf(
  { batch, sequence, backend }: RankFlags,
  { maxPositions }: ModelOutline,
): Promise<Workload & { checkpointing?: false }> {
  const name = backend === 'auto' ? 'wasm' : backend;
  const kernels = kernelMemoryHere(name, (await readSpeeds())[name]);
  return { batch, seq: sequence ?? Math.min(usualSequence, maxPositions), kernels };
}

/** Tokens a row where none are asked for, as `lowrank train` takes them. */
const usualSequence = 256;
