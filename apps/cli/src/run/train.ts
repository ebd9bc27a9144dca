import { LowrankError } from '@lowrank/core';
import type { Quantise } from '@lowrank/models';
import type { DataFormat } from '@lowrank/trainer';
import { taskFor } from '../inputs/task.js';
import type { Task } from '../inputs/task-names.js';
import { wrongOption, UsageError } from '../output/usage-error.js';
import { reporter } from '../output/reporter.js';
import { RunFolder } from '../train/run-folder.js';
import { keptOptions, type KeptOptions } from '../train/run-options.js';
import { trainRun } from '../train/train-run.js';
import type { LoraFlags } from '../commands/shared-options.js';
import type { BackendChoice } from '../inputs/backend-names.js';

export interface TrainFlags extends LoraFlags {
  out: string;
  resume?: boolean;
  overwrite?: boolean;
  stopAfter?: number;
  json?: boolean;
  model?: string;
  quantise?: Quantise;
  data?: string[];
  task?: Task;
  format?: DataFormat;
  textColumn?: string;
  labelColumn?: string;
  pairColumn?: string;
  startFrom?: string;
  evalData?: string[];
  holdout: number;
  steps?: number;
  epochs: number;
  batch: number;
  accumulate: number;
  sequence?: number;
  pack?: boolean;
  learningRate: number;
  loraPlus?: number;
  loraFa?: boolean;
  adaptiveBudget?: number;
  warmup?: number;
  weightDecay: number;
  clip: number;
  evalEvery?: number;
  checkpointEvery?: number;
  sample?: string;
  seed: number;
  offline?: boolean;
  backend: BackendChoice;
  config?: string;
}

/** What of the flags was asked for, by the names of their attributes. */
export interface Asked {
  /** Those that were typed. */
  given: string[];
  /** All that have a value, as a config file would write them. */
  written: KeptOptions;
}

/** Trains, or goes on training. */
export async function runTrain(flags: TrainFlags, asked: Asked): Promise<void> {
  const { given } = asked;
  const run = new RunFolder(flags.out);
  const kept = flags.resume ? await resumed(run, flags, asked) : await begun(run, flags, asked);
  await trainRun(run, kept, {
    out: reporter(flags.json ?? false),
    resume: flags.resume ?? false,
    json: flags.json ?? false,
    stopAfter: flags.stopAfter,
    ...(given.includes('backend') ? { backend: flags.backend } : {}),
  });
}

async function resumed(run: RunFolder, flags: TrainFlags, { given, written }: Asked): Promise<KeptOptions> {
  const free = ['out', 'resume', 'stopAfter', 'json', 'backend', 'config'];
  const extra = given.filter((name) => !free.includes(name));
  if (extra.length > 0) {
    throw wrongOption({
      given: `--resume with ${extra.map(flagOf).join(', ')}`,
      rule: 'a run goes on with the options that it was started with',
      fix: `leave ${extra.length === 1 ? 'it' : 'them'} away, or start anew without --resume`,
    });
  }
  const kept = await run.readOptions();
  if (flags.config !== undefined) refuseChanges(flags.config, keptOptions(written), kept);
  return kept;
}

/** A config that a run was not started with would be passed over in silence. */
function refuseChanges(file: string, now: KeptOptions, kept: KeptOptions): void {
  const names = Object.keys({ ...now, ...kept }).filter((name) => !['backend', 'task'].includes(name));
  const other = names.find((name) => JSON.stringify(now[name]) !== JSON.stringify(kept[name]));
  if (other === undefined) return;
  throw wrongOption({
    given: `--resume with --config ${file}, where ${other} is ${JSON.stringify(now[other])}`,
    rule: `the run was started with ${JSON.stringify(kept[other])}, and goes on with what it was started with`,
    fix: 'leave --config away, or start anew without --resume',
  });
}

async function begun(run: RunFolder, flags: TrainFlags, { written }: Asked): Promise<KeptOptions> {
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
  return { ...keptOptions(written), task: await taskFor({ ...flags, data: flags.data as string[] }) };
}

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
