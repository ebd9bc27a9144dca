import { errorCodes, LowrankError, type ErrorCode } from '@lowrank/core';
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

/** A failure as the one text that the queue keeps of it. */
export function failureText(error: unknown): string {
  if (!LowrankError.is(error)) return error instanceof Error ? error.message : String(error);
  const { code, given, rule, fix } = error;
  return JSON.stringify({ code, given, rule, fix });
}

/** The failure again, on the machine that waits for the job. */
export function failureOf({ id, folder }: Job, text: string): LowrankError {
  try {
    const { code, given, rule, fix } = JSON.parse(text) as Record<string, string>;
    if (code !== undefined && code in errorCodes) {
      return new LowrankError(code as ErrorCode, { given: given!, rule: rule!, fix: fix! });
    }
  } catch {
    // Words of BullMQ, or of an error that is none of ours.
  }
  return new LowrankError('trial-failed', {
    given: `trial ${id} in ${folder}`,
    rule: `it must run to its end (${text})`,
    fix: 'read its log in that folder; the same sweep again goes on with what is left',
  });
}
