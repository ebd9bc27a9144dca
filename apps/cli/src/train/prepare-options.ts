import type { BatchSource } from '@lowrank/trainer';
import { wrongOption } from '../output/usage-error.js';
import type { RunOptions } from './run-options.js';

/** What a run is made ready from. */
export type PrepareOptions = Omit<RunOptions, 'task'> & { json: boolean };

/** How many updates a run has. Throws a usage error for a longer warm-up, before the run touches its folder. */
export function stepsOf(
  { steps: asked, epochs, accumulate, warmup }: PrepareOptions,
  { batchesPerEpoch }: BatchSource<unknown>,
): number {
  const steps = asked ?? Math.max(1, Math.ceil((epochs * batchesPerEpoch) / accumulate));
  if (warmup === undefined || warmup <= steps) return steps;
  throw wrongOption({ given: `--warmup ${warmup}`, rule: `the run has ${steps} steps`, fix: 'give at most as many' });
}
