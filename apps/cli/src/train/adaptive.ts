import type { Adapter, AdapterPlan, Parameter } from '@lowrank/core';
import { adaptiveRanks, factorRoom } from '@lowrank/rank';
import type { RankAllocator } from '@lowrank/trainer';
import { tidy } from '@tensorflow/tfjs-core';
import { rankIn } from '../inputs/rank-in.js';
import type { Reporter } from '../output/reporter.js';
import { countText } from '../output/units.js';
import { typed } from '../output/usage-error.js';
import type { Prepared } from './prepared.js';
import type { RunOptions } from './run-options.js';

/** What `--adaptive-budget` asks for. Throws a usage error where it does not fit the run, before that begins. */
export function allocatorOf(
  { plan, steps }: Prepared,
  { adaptiveBudget }: RunOptions,
  parameters: Parameter[],
): RankAllocator | undefined {
  if (adaptiveBudget === undefined) return undefined;
  return typed(() => {
    const allocator = adaptiveRanks({ parameters: factorRoom(plan, { parameters: adaptiveBudget }) });
    tidy(() => void allocator.init(parameters, steps));
    return allocator;
  });
}

/** What is left of the ranks that training began with. */
export function showPruned({ modules }: AdapterPlan, { tensors }: Adapter, out: Reporter): void {
  const ranks = modules.map(({ path }) => [path, rankIn(tensors, path)] as const);
  const parameters = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  const began = modules.reduce((sum, { rank }) => sum + rank, 0);
  const left = ranks.reduce((sum, [, rank]) => sum + rank, 0);
  const adapted = ranks.filter(([, rank]) => rank > 0).length;
  out.event({ type: 'pruned', parameters, ranks: Object.fromEntries(ranks) });
  out.line(
    `pruned to ${left} of ${began} components in ${adapted} of ${modules.length} modules: ${countText(parameters)} parameters`,
  );
}
