import { LowrankError } from '@lowrank/core/plan';
import type { Engine, JobResult } from './engine.js';
import { promoted, rungsOf, type Halving } from './halving.js';
import { jobOf, type Trial } from './job-of.js';

/** What a trial has come to. */
export interface TrialOutcome {
  readonly trial: Trial;
  /** Its folder in the sweep's. */
  readonly folder: string;
  /** Held-out loss at `step`; undefined where it failed. */
  readonly loss?: number;
  readonly step: number;
  readonly error?: string;
}

/** What `runSweep` tells as it goes. */
export type SweepEvent =
  /** It waits for a process, or has one. */
  | { type: 'trial-start'; folder: string; steps: number }
  | ({ type: 'trial-end'; folder: string; rungs: number } & JobResult)
  | { type: 'trial-fail'; folder: string; steps: number; error: string };

/** Of `runSweep`. */
export interface SweepOptions {
  engine: Engine;
  trials: readonly Trial[];
  /** Steps of every trial, or how they are halved. */
  plan: { steps: number } | Halving;
  onEvent?: ((event: SweepEvent) => void) | undefined;
  /** Ends the waiting; what runs is the engine's to end. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs trials through an engine, those that do well further than others. All state is in the trials' folders: run again
 * after whatever ended it, it repeats nothing. A trial that fails is told of, and the others go on.
 *
 * @returns an outcome for each trial, in their order
 * @throws the signal's reason
 */
export async function runSweep({ engine, trials, plan, onEvent, signal }: SweepOptions): Promise<TrialOutcome[]> {
  const halving: Halving = 'minSteps' in plan ? plan : { ...plan, minSteps: plan.steps };
  const rungs = rungsOf(halving);
  const outcomes: TrialOutcome[] = trials.map((trial) => ({ trial, folder: jobOf(trial, 0).folder, step: 0 }));
  const losses = rungs.map(() => new Map<number, number>());
  const begun = rungs.map(() => new Set<number>());
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
  aborted.catch(() => {});
  let fault: { error: unknown } | undefined;
  const running = new Set<Promise<void>>();

  const run = async (trial: number, rung: number) => {
    const job = jobOf(trials[trial] as Trial, rungs[rung] as number);
    try {
      await engine.submit(job);
      onEvent?.({ type: 'trial-start', folder: job.folder, steps: job.steps });
      const result = await engine.result(job.id);
      const { loss, step } = result;
      losses[rung]!.set(trial, loss);
      outcomes[trial] = { ...outcomes[trial]!, loss, step };
      onEvent?.({ type: 'trial-end', folder: job.folder, rungs: rung + 1, ...result });
    } catch (error) {
      if (!LowrankError.is(error) || error.code !== 'trial-failed') throw error;
      losses[rung]!.set(trial, Infinity);
      const { loss: _, ...before } = outcomes[trial]!;
      outcomes[trial] = { ...before, error: error.rule };
      onEvent?.({ type: 'trial-fail', folder: job.folder, steps: job.steps, error: error.rule });
    }
  };
  const begin = (trial: number, rung: number) => {
    if (begun[rung]!.has(trial)) return;
    begun[rung]!.add(trial);
    const work = run(trial, rung)
      .catch((error: unknown) => (fault ??= { error }))
      .then(() => void running.delete(work));
    running.add(work);
  };

  trials.forEach((_, trial) => begin(trial, 0));
  while (running.size > 0) {
    await Promise.race([aborted, ...running]);
    if (fault) throw fault.error;
    let closed = true;
    for (let rung = 0; rung + 1 < rungs.length; rung++) {
      const [members, there] = [[...begun[rung]!], losses[rung]!];
      for (const trial of promoted({ members, losses: there, closed }, halving)) begin(trial, rung + 1);
      closed &&= there.size === members.length;
    }
  }
  return outcomes;
}
