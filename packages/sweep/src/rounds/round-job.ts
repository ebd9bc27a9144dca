import type { Job } from '../engine.js';
import { trialId } from '../job-of.js';

/** Of `roundJob`. */
export interface RoundJobOptions {
  config: Readonly<Record<string, unknown>>;
  shards: readonly (readonly string[])[];
  steps: number;
  /** From 1. */
  round: number;
  /** From 0. */
  worker: number;
  /** The folder of the average so far; none in the first round. */
  start?: string | undefined;
}

/**
 * One worker's part of a round. All workers of a round have one seed, so that those of the first draw one start; each
 * round has another, so that it meets the data in another order.
 */
export function roundJob({ config, shards, steps, round, worker, start }: RoundJobOptions): Job {
  const seed = Number(config['seed'] ?? 0) + round - 1;
  const own = { ...config, data: shards[worker], steps, seed, ...(start === undefined ? {} : { startFrom: start }) };
  return { id: trialId({ ...own, round, worker }), config: own, steps, folder: `round-${round}/worker-${worker + 1}` };
}
