import { LowrankError } from '@lowrank/core';
import { z } from 'zod';
import { backendChoices } from '../inputs/backend-names.js';
import { tasks, type Task } from '../inputs/task-names.js';
import { quantiseChoices } from '../inputs/quantise-choices.js';
import type { TrainFlags } from '../run/train.js';

const schema = z.strictObject({
  task: z.enum(tasks).default('generate'),
  model: z.string(),
  quantise: z.enum(quantiseChoices).optional(),
  data: z.array(z.string()).min(1),
  evalData: z.array(z.string()).min(1).optional(),
  format: z.enum(['text', 'completion', 'chat']).optional(),
  textColumn: z.string().optional(),
  labelColumn: z.string().optional(),
  pairColumn: z.string().optional(),
  holdout: z.number(),
  rank: z.number(),
  alpha: z.number().optional(),
  targets: z.union([z.string(), z.array(z.string())]),
  exclude: z.union([z.string(), z.array(z.string())]).optional(),
  rankPattern: z.record(z.string(), z.number()).optional(),
  alphaPattern: z.record(z.string(), z.number()).optional(),
  rslora: z.boolean().optional(),
  dropout: z.number(),
  init: z.enum(['kaiming', 'gaussian']),
  steps: z.number().optional(),
  epochs: z.number(),
  batch: z.number(),
  accumulate: z.number(),
  sequence: z.number().optional(),
  pack: z.boolean().optional(),
  learningRate: z.number(),
  warmup: z.number().optional(),
  weightDecay: z.number(),
  clip: z.number(),
  evalEvery: z.number().optional(),
  checkpointEvery: z.number().optional(),
  sample: z.string().optional(),
  seed: z.number(),
  offline: z.boolean().optional(),
  backend: z.enum(backendChoices),
});

/** Everything that decides a run but where it is written: kept beside it, so that it can be gone on with. */
export type RunOptions = z.output<typeof schema>;

/** The run's own part of the flags of `lowrank train`. */
export function runOptions(flags: TrainFlags, task: Task): RunOptions {
  const { out: _, resume: __, overwrite: ___, json: ____, ...options } = flags;
  return parse({ ...options, task }, 'the options of lowrank train');
}

/** Options as they were kept. Throws `file-invalid` naming `file`. */
export function parse(json: unknown, file: string): RunOptions {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new LowrankError('file-invalid', {
    given: file,
    rule: `${issue?.path.join('.') || 'it'}: ${issue?.message}`,
    fix: 'start the run anew, without --resume',
  });
}
