import {
  advise,
  estimate,
  estimateFull,
  estimateRanks,
  memoryParts,
  planCost,
  predictSeconds,
  stepFlops,
  stepWork,
  type Workload,
} from '@lowrank/efficiency';
import type { Quantise } from '@lowrank/models';
import type { LoraFlags } from '../commands/shared-options.js';
import type { BackendName } from '../inputs/backend-names.js';
import { kernelMemoryHere } from '../doctor/kernel-memory.js';
import { readSpeeds } from '../doctor/speeds-file.js';
import { planFromFlags } from '../inputs/lora.js';
import { outlineFor } from '../inputs/outline.js';
import { adviceText, assumedText, besideTable, estimateText, timeText } from '../output/estimate-text.js';
import { planParts } from '../output/plan-parts.js';
import { partsTable, planText } from '../output/plan-text.js';
import { typed } from '../output/usage-error.js';

/** What activations are kept in. */
export type Precision = 'float32' | 'float16';

export interface PlanFlags extends LoraFlags {
  model: string;
  quantise?: Quantise;
  batch: number;
  sequence?: number;
  memory?: number;
  backend: BackendName;
  precision: Precision;
  checkpointing?: boolean;
  offline?: boolean;
  json?: boolean;
}

/** Tokens a row where none are asked for, as `lowrank train` takes them. */
const usualSequence = 256;

const besideRanks = [4, 8, 16, 32, 64];

/** Prints what an adapter would cost; loads no weights and no backend. */
export async function runPlan(flags: PlanFlags): Promise<void> {
  const { quantise, batch, memory, backend, precision, checkpointing = false } = flags;
  const outline = await outlineFor(flags.model, flags);
  const plan = planFromFlags(flags, outline.modules, { model: flags.model, taskType: 'CAUSAL_LM' });
  const sequence = flags.sequence ?? Math.min(usualSequence, outline.maxPositions);
  const measured = (await readSpeeds())[backend];
  const workload: Workload = {
    batch,
    seq: sequence,
    kernels: kernelMemoryHere(backend, measured),
    checkpointing,
    activationBytes: precision === 'float16' ? 2 : 4,
  };
  const assumed = assumedText(workload);
  const cost = planCost(plan);
  const step = typed(() => estimate(outline, plan, workload));
  const ranks = [...new Set([...besideRanks, flags.rank])].sort((left, right) => left - right);
  const beside = estimateRanks(outline, plan, workload, ranks);
  const full = estimateFull(outline, workload);
  const advice = advise(outline, plan, workload, { memory });
  // What lowrank does not do takes it no time that was measured.
  const seconds =
    measured && assumed.length === 0 ? predictSeconds(stepWork(outline, plan, workload), measured.speed) : null;
  const split = planParts(cost, memoryParts(outline, plan, workload), stepFlops(outline, plan, workload));
  if (flags.json) {
    const { warnings } = plan;
    const settings = { quantise: quantise ?? null, backend, batch, sequence, precision, checkpointing, warnings };
    const { memory, flops: total, fileBytes } = step;
    const whole = { memory, flops: total, seconds, fileBytes, ranks: beside, full, advice };
    console.log(JSON.stringify({ type: 'plan', ...cost, ...settings, ...whole, ...split }));
    return;
  }
  const parts = [
    [
      ...planText(cost, plan.warnings, quantise),
      ...estimateText(step, workload),
      ...(assumed.length > 0 ? assumed : [timeText(seconds, measured)]),
    ],
    partsTable(split),
    besideTable(beside, full),
    adviceText(advice),
  ];
  console.log(
    parts
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
  );
}
