import { LowrankError } from '@lowrank/core/plan';
import type { Job } from '../engine.js';

/** What the queue holds of a job. */
export interface QueuedJob {
  job: Job;
  /** Whoever takes it gives it up at once. */
  cancelled?: boolean;
}

/** BullMQ refuses names that are whole numbers, which a hash may look like. */
export const nameOf = (id: string): string => `job-${id}`;

/** The event by which a worker hears at once that its job is cancelled. */
export const cancelEvent = 'lowrank-cancel';

/** Why a job failed, as the one text that the queue keeps of it. */
export function failureText(error: unknown): string {
  if (LowrankError.is(error)) return error.rule;
  return error instanceof Error ? error.message : String(error);
}

/** The failure again, on the machine that waits for the job. */
export function failed({ id, folder }: Job, rule: string): LowrankError {
  return new LowrankError('trial-failed', {
    given: `trial ${id} in ${folder}`,
    rule,
    fix: 'mend its options and run the sweep again: what is done is kept',
  });
}
