import { LowrankError } from '@lowrank/core/plan';
import type * as Bullmq from 'bullmq';

/** BullMQ and, through it, its Redis client: optional peers, loaded when a queue is asked for. Throws `queue-unavailable`. */
export async function loadBullmq(): Promise<typeof Bullmq> {
  try {
    // BullMQ loads its client by itself, and would say that it is missing only once it connects.
    await import('ioredis');
    return await import('bullmq');
  } catch (cause) {
    throw new LowrankError('queue-unavailable', {
      given: 'a queue on Redis',
      rule: 'the packages bullmq and ioredis must be installed beside lowrank',
      fix: 'npm install bullmq ioredis (optional peers), or run the sweep on this machine alone',
      cause,
    });
  }
}
