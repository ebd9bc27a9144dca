import { LowrankError } from '@lowrank/core';
import { trainCommand } from '../commands/train.js';
import { configKeys } from '../config/config-keys.js';
import { optionValue } from '../config/option-value.js';
import type { Task } from '../inputs/task-names.js';
import type { TrainFlags } from '../run/train.js';

/** What decides where a run is written and shown, and nothing else. */
const apart = ['out', 'resume', 'stopAfter', 'overwrite', 'json'] as const;

/** The options of a run as a config file writes them: kept beside it, so that it can be gone on with or done again. */
export type KeptOptions = Record<string, unknown>;

/** Everything that decides a run but where it is written. */
export type RunOptions = Omit<TrainFlags, (typeof apart)[number] | 'config' | 'task' | 'model' | 'data'> & {
  task: Task;
  model: string;
  data: string[];
};

/** The run's own part of what was asked for. */
export function keptOptions(written: KeptOptions): KeptOptions {
  return Object.fromEntries(Object.entries(written).filter(([key]) => !(apart as readonly string[]).includes(key)));
}

/** Kept options as flags, by the same table. Throws `file-invalid` naming `file`. */
export function runOptions(kept: KeptOptions, file: string): RunOptions {
  const keys = configKeys(trainCommand());
  const values: KeptOptions = {};
  for (const [key, option] of keys) {
    if (option.defaultValue !== undefined) values[key] = option.defaultValue;
  }
  for (const [key, value] of Object.entries(kept)) {
    const option = keys.get(key);
    if (!option) throw invalid(file, `${key}: lowrank train has no such option`);
    try {
      values[key] = optionValue(option, value);
    } catch (error) {
      throw invalid(file, `${key}: ${(error as Error).message}`);
    }
  }
  const lacking = ['model', 'data'].find((key) => values[key] === undefined);
  if (lacking !== undefined) throw invalid(file, `${lacking}: it is not there`);
  return { task: 'generate', ...keptOptions(values) } as unknown as RunOptions;
}

function invalid(given: string, rule: string): LowrankError {
  return new LowrankError('file-invalid', { given, rule, fix: 'start the run anew, without --resume' });
}
