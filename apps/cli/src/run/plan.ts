import { planCost } from '@lowrank/efficiency';
import { readModules, type Quantise } from '@lowrank/models';
import type { LoraFlags } from '../commands/shared-options.js';
import { planFromFlags } from '../inputs/lora.js';
import { modelFolder } from '../inputs/model.js';
import { moduleTable, planText } from '../output/plan-text.js';

export interface PlanFlags extends LoraFlags {
  model: string;
  quantise?: Quantise;
  offline?: boolean;
  json?: boolean;
}

/** Prints what an adapter would cost; loads no weights and no backend. */
export async function runPlan(flags: PlanFlags): Promise<void> {
  const { quantise } = flags;
  const modules = await readModules(await modelFolder(flags.model, flags), { quantise });
  const plan = planFromFlags(flags, modules, { model: flags.model, taskType: 'CAUSAL_LM' });
  const cost = planCost(plan);
  if (flags.json) {
    console.log(JSON.stringify({ type: 'plan', ...cost, quantise: quantise ?? null, warnings: plan.warnings }));
    return;
  }
  for (const line of [...planText(cost, plan.warnings, quantise), '', ...moduleTable(cost)]) console.log(line);
}
