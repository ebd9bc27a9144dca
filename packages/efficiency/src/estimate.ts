import type { AdapterPlan, ModelOutline } from '@lowrank/core/plan';
import { adapterFileBytes } from './file-bytes.js';
import { fullFineTuning, withRank } from './other-plans.js';
import { compared, type ParameterEfficiency } from './parameter-efficiency.js';
import { flopsOf, type FlopCount } from './step-flops.js';
import { memoryOf, type StepMemory } from './step-memory.js';
import { traceStep } from './tape/trace-step.js';
import type { Workload } from './workload.js';

/** One way to train a model, with what it takes. */
export interface Estimate extends ParameterEfficiency {
  memory: StepMemory;
  flops: FlopCount;
  /** Bytes of the file that holds what was trained; of full fine-tuning, its values alone. */
  fileBytes: number;
}

/** What a plan takes for a batch, without loading a weight. Throws `config-invalid` for a batch that cannot be. */
export function estimate(outline: ModelOutline, plan: AdapterPlan, workload: Workload): Estimate {
  return { ...reckoned(outline, plan, workload), fileBytes: adapterFileBytes(outline.modules, plan) };
}

/** The same for full fine-tuning, whose base is trained and so is float32, with nothing beside it. */
export function estimateFull(outline: ModelOutline, workload: Workload): Estimate {
  const full = reckoned(outline, fullFineTuning(outline), workload);
  return { ...full, fileBytes: full.memory.adapter };
}

/** The same plan at other ranks. Throws `config-invalid` for one that cannot be. */
export function estimateRanks(
  outline: ModelOutline,
  plan: AdapterPlan,
  workload: Workload,
  ranks: readonly number[],
): (Estimate & { rank: number })[] {
  return ranks.map((rank) => ({ rank, ...estimate(outline, withRank(plan, rank), workload) }));
}

function reckoned(outline: ModelOutline, plan: AdapterPlan, workload: Workload): Omit<Estimate, 'fileBytes'> {
  const trace = traceStep(outline, plan, workload, workload.kernels);
  const { modules: _, attention: __, ...flops } = flopsOf(trace, workload);
  const memory = memoryOf(trace, outline, plan, workload);
  return { ...compared(plan.base.parameters, memory.adapter / 4), memory, flops };
}
