import type { Quantise } from '@lowrank/models';
import type { DataFormat } from '@lowrank/trainer';
import type { LoraFlags } from '../commands/shared-options.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import type { Task } from '../inputs/task-names.js';
import { wrongOption } from '../output/usage-error.js';
import type { RankMethod } from '../rank/rank-methods.js';

export interface RankFlags extends LoraFlags {
  model?: string;
  quantise?: Quantise;
  adapter?: string;
  data?: string[];
  task?: Task;
  format?: DataFormat;
  textColumn?: string;
  labelColumn?: string;
  pairColumn?: string;
  budgetParameters?: number;
  budgetReduction?: number;
  budgetMemory?: number;
  by?: RankMethod;
  energy?: number;
  steps: number;
  probeSteps: number;
  updates: number;
  learningRate: number;
  batch: number;
  sequence?: number;
  out?: string;
  overwrite?: boolean;
  plots?: string;
  seed: number;
  offline?: boolean;
  backend: BackendChoice;
  json?: boolean;
}

/** Chooses ranks before training, or looks at those of an adapter after it. */
export async function runRank(flags: RankFlags): Promise<void> {
  const { adapter, model } = flags;
  if (adapter !== undefined) return (await import('../rank/used-ranks.js')).usedRanks({ ...flags, adapter });
  if (model !== undefined) return (await import('../rank/choose-ranks.js')).chooseRanks({ ...flags, model });
  throw wrongOption({
    given: 'neither --model nor --adapter',
    rule: 'ranks are chosen for a model, or looked at in an adapter',
    fix: 'add --model to choose before training, --adapter to look after it',
  });
}
