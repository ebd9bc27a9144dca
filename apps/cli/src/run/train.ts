import { LowrankError } from '@lowrank/core';
import type { Quantise } from '@lowrank/models';
import type { DataFormat } from '@lowrank/trainer';
import { taskFor } from '../inputs/task.js';
import type { Task } from '../inputs/task-names.js';
import { wrongOption, UsageError } from '../output/usage-error.js';
import { reporter } from '../output/reporter.js';
import { RunFolder } from '../train/run-folder.js';
import { runOptions, type RunOptions } from '../train/run-options.js';
import { trainRun } from '../train/train-run.js';
import type { LoraFlags } from '../commands/shared-options.js';
import type { BackendChoice } from '../inputs/backend-names.js';

export interface TrainFlags extends LoraFlags {
  out: string;
  resume?: boolean;
  overwrite?: boolean;
  json?: boolean;
  model?: string;
  quantise?: Quantise;
  data?: string[];
  task?: Task;
  format?: DataFormat;
  textColumn?: string;
  labelColumn?: string;
  pairColumn?: string;
  evalData?: string[];
  holdout: number;
  steps?: number;
  epochs: number;
  batch: number;
  accumulate: number;
  sequence?: number;
  pack?: boolean;
  learningRate: number;
  warmup?: number;
  weightDecay: number;
  clip: number;
  evalEvery?: number;
  checkpointEvery?: number;
  sample?: string;
  seed: number;
  offline?: boolean;
  backend: BackendChoice;
}

/** Trains, or goes on training. @param given the options that were typed, as commander names them */
export async function runTrain(flags: TrainFlags, given: string[]): Promise<void> {
  const run = new RunFolder(flags.out);
  const options = flags.resume ? await resumed(run, given) : await begun(run, flags);
  await trainRun(run, options, {
    out: reporter(flags.json ?? false),
    resume: flags.resume ?? false,
    json: flags.json ?? false,
    ...(given.includes('backend') ? { backend: flags.backend } : {}),
  });
}

async function resumed(run: RunFolder, given: string[]): Promise<RunOptions> {
  const extra = given.filter((name) => !['out', 'resume', 'json', 'backend'].includes(name));
  if (extra.length > 0) {
    throw wrongOption({
      given: `--resume with ${extra.map(flagOf).join(', ')}`,
      rule: 'a run goes on with the options that it was started with',
      fix: `leave ${extra.length === 1 ? 'it' : 'them'} away, or start anew without --resume`,
    });
  }
  return run.readOptions();
}

async function begun(run: RunFolder, flags: TrainFlags): Promise<RunOptions> {
  for (const name of ['model', 'data'] as const) {
    if (flags[name] !== undefined) continue;
    throw wrongOption({
      given: `no --${name}`,
      rule: 'a new run needs it',
      fix: `add --${name}, or --resume to go on with an earlier run`,
    });
  }
  if ((run.holdsAdapter || run.holdsRun) && !flags.overwrite) {
    throw new UsageError(
      new LowrankError('file-unwritable', {
        given: `--out ${run.out}`,
        rule: run.holdsAdapter ? 'there is an adapter in it already' : 'there is an unfinished run in it',
        fix: 'name another folder, or add --overwrite to replace it, or --resume to go on with its run',
      }),
    );
  }
  return runOptions(flags, await taskFor({ ...flags, data: flags.data as string[] }));
}

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
