import { planAdapter, type AdapterPlan, type LoraConfigInput, type ModuleInfo } from '@lowrank/core/plan';
import type { LoraFlags } from '../commands/shared-options.js';
import { isOnHub } from './is-on-hub.js';
import { typed } from '../output/usage-error.js';

/** The plan that the LoRA options ask for. Throws a usage error, with the nearest names for a wrong target. */
export function planFromFlags(flags: LoraFlags, modules: ModuleInfo[], about: PlanAbout): AdapterPlan {
  return typed(() => planAdapter(configOf(flags, about), modules));
}

export interface PlanAbout {
  /** As `--model` names it. */
  model: string;
  taskType: 'CAUSAL_LM' | 'SEQ_CLS';
}

function configOf(flags: LoraFlags, { model, taskType }: PlanAbout): LoraConfigInput {
  return {
    rank: flags.rank,
    alpha: flags.alpha ?? 2 * flags.rank,
    dropout: flags.dropout,
    targetModules: flags.targets,
    ...(flags.exclude === undefined ? {} : { excludeModules: flags.exclude }),
    useRslora: flags.rslora ?? false,
    useDora: flags.dora ?? false,
    rankPattern: flags.rankPattern ?? {},
    alphaPattern: flags.alphaPattern ?? {},
    init: flags.init,
    taskType,
    baseModelNameOrPath: baseOf(model),
  };
}

/** What others find the base by: of a model on the hub owner/name, which is what Python reads. */
export function baseOf(model: string): string {
  if (model === 'tiny') return '@lowrank/tiny-base';
  return isOnHub(model) ? model.replace(/@.*/, '').split('/').slice(0, 2).join('/') : model;
}
