import type { AdapterPlan, ModelOutline } from '@lowrank/core/plan';
import type { Advice } from './advice/advice.js';
import { adviseFit } from './advice/fit.js';
import { adviseRank } from './advice/rank.js';
import { adviseTargets } from './advice/targets.js';
import type { Workload } from './workload.js';

export interface AdviseOptions {
  /** Bytes that there are for training. Nothing is said of fitting where it is left out. */
  memory?: number | undefined;
}

/**
 * What to do about a plan, each piece with its figure and none that lowrank cannot do, but for `fits-elsewhere`, which
 * says so. Shares of right answers are those
 * of PEFT's benchmark, Llama-3.2-3B on GSM8K: a hint for other models and tasks, no promise.
 *
 * @throws `config-invalid` for a batch or memory that cannot be
 * @see https://github.com/huggingface/peft, method_comparison/MetaMathQA
 */
export function advise(
  outline: ModelOutline,
  plan: AdapterPlan,
  workload: Workload,
  { memory }: AdviseOptions = {},
): Advice[] {
  const fit = memory === undefined ? [] : adviseFit(outline, plan, workload, memory);
  return [...fit, ...adviseRank(plan), ...adviseTargets(outline, plan)];
}
