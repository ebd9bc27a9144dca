import { LowrankError } from '@lowrank/core/plan';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, Job, JobResult } from '../engine.js';
import { roundJob } from './round-job.js';

/** What `runRounds` tells as it goes. */
export type RoundEvent =
  | ({ type: 'worker-end'; round: number; worker: number } & JobResult)
  /** A worker's process died; what it had learned by its last checkpoint is gone on with. */
  | { type: 'worker-retry'; round: number; worker: number; error: string }
  /** `adapter` is the round's average, there before this run where `kept`. */
  | { type: 'round-end'; round: number; adapter: string; kept: boolean };

/** Of `runRounds`. */
export interface RoundsOptions {
  engine: Engine;
  /** Where the engine runs its jobs: all state is in it. */
  folder: string;
  /** Options of `lowrank train` that all workers have; `seed` is the first round's. */
  config: Readonly<Record<string, unknown>>;
  /** The data of each worker: paths, as `data` of `lowrank train`. */
  shards: readonly (readonly string[])[];
  rounds: number;
  /** Of each worker in each round. */
  steps: number;
  /** Writes the average of the adapters in these folders as a PEFT folder, whole or not at all. */
  average: (adapters: string[], out: string) => Promise<void>;
  onEvent?: ((event: RoundEvent) => void) | undefined;
  /** Ends the waiting; what runs is the engine's to end. */
  signal?: AbortSignal | undefined;
}

/** How often a worker's round is begun before its failure is the run's. */
const attempts = 3;

/**
 * Trains one adapter by many workers: in each round every worker starts from the adapter so far, trains on its own data with
 * an optimiser and a schedule of the round's own, and the results are averaged. The first round's workers draw the same
 * start, by the same seed. Run again after whatever ended it, it repeats no round and no worker that is done.
 *
 * @returns the folder of the last round's average
 * @throws `trial-failed` of a worker that failed three times, and the signal's reason
 * @see McMahan et al. 2017, https://arxiv.org/abs/1602.05629
 */
export async function runRounds(options: RoundsOptions): Promise<string> {
  const { folder, shards, rounds, average, onEvent, signal } = options;
  let adapter: string | undefined;
  for (let round = 1; round <= rounds; round++) {
    const out = join(folder, `round-${round}`, 'average');
    const kept = existsSync(join(out, 'adapter_config.json'));
    if (!kept) {
      const jobs = shards.map((_, worker) => roundJob({ ...options, round, worker, start: adapter }));
      await untilAborted(Promise.all(jobs.map((job, worker) => runWorker(job, { ...options, round, worker }))), signal);
      await average(
        jobs.map((job) => join(folder, job.folder)),
        out,
      );
    }
    adapter = out;
    onEvent?.({ type: 'round-end', round, adapter, kept });
  }
  return adapter as string;
}

async function runWorker(
  job: Job,
  { engine, onEvent, round, worker }: RoundsOptions & { round: number; worker: number },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await engine.submit(job);
    try {
      const result = await engine.result(job.id);
      onEvent?.({ type: 'worker-end', round, worker, ...result });
      return;
    } catch (error) {
      const again = LowrankError.is(error, 'trial-failed') && attempt < attempts;
      if (!again || (await engine.status(job.id)) === 'cancelled') throw error;
      onEvent?.({ type: 'worker-retry', round, worker, error: error.rule });
    }
  }
}

/** Rejects with the signal's reason as soon as it is aborted. */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const end = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { signal: end.signal });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    end.abort();
    work.catch(() => {});
  }
}
