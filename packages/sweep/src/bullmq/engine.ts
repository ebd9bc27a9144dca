import { LowrankError } from '@lowrank/core/plan';
import type { Job as Queued } from 'bullmq';
import type { Engine, Job, JobResult, JobState } from '../engine.js';
import { connected, connectionTo, goodbye } from './connection.js';
import { loadBullmq } from './load-bullmq.js';
import { cancelEvent, failed, nameOf, type QueuedJob } from './queued-job.js';
import { queueName } from './queue-name.js';
import { Waiters } from './waiters.js';

/** Of `bullmqEngine`. */
export interface BullmqOptions {
  /** URL of the Redis server, `redis://host:6379`. */
  redis: string;
  /** The sweep's folder, on a volume that every machine mounts. */
  folder: string;
}

/**
 * An engine whose jobs are done by `lowrank worker` on any number of machines. The queue is on Redis, all that a trial
 * has come to is in its folder: an engine whose connection drops waits for the next one and goes on.
 *
 * Throws `queue-unavailable` where BullMQ is not installed or no server answers.
 */
export async function bullmqEngine({ redis, folder }: BullmqOptions): Promise<Engine> {
  const { Queue, QueueEvents, QueueEventsProducer } = await loadBullmq();
  const connection = connectionTo(redis);
  const name = await queueName(folder);
  const queue = await connected(new Queue<QueuedJob, JobResult>(name, { connection }), redis);
  const events = await connected(new QueueEvents(name, { connection }), redis);
  const producer = await connected(new QueueEventsProducer(name, { connection }), redis);
  const waiters = new Waiters();
  events.on('completed', ({ jobId }) => waiters.wake(jobId));
  events.on('failed', ({ jobId }) => waiters.wake(jobId));

  const find = async (id: string): Promise<Queued<QueuedJob, JobResult>> => {
    const queued = await queue.getJob(nameOf(id));
    if (queued) return queued as Queued<QueuedJob, JobResult>;
    throw new LowrankError('config-invalid', {
      given: `job ${id}`,
      rule: 'it must have been submitted',
      fix: 'submit it first',
    });
  };

  return {
    async submit(job) {
      const before = await queue.getJob(nameOf(job.id));
      if (!before) {
        await queue.add('trial', { job }, { jobId: nameOf(job.id), priority: priorityOf(job) });
        return;
      }
      // What failed or was cancelled begins anew; what waits, runs or is done is that job already.
      if (before.data.cancelled) await before.updateData({ job });
      if (await before.isFailed()) await before.retry('failed');
    },
    async status(id) {
      return stateOf(await find(id));
    },
    async logs(id) {
      const { logs } = await queue.getJobLogs(nameOf(id));
      return logs.map((line) => `${line}\n`).join('');
    },
    async cancel(id) {
      const queued = await find(id);
      const state = await stateOf(queued);
      if (state !== 'waiting' && state !== 'running') return;
      await queued.updateData({ ...queued.data, cancelled: true });
      await producer.publishEvent({ eventName: cancelEvent, jobId: nameOf(id) });
      waiters.wake(nameOf(id));
    },
    async result(id) {
      for (;;) {
        const change = waiters.change(nameOf(id));
        const queued = await find(id);
        const state = await stateOf(queued);
        if (state === 'done') return queued.returnvalue;
        if (state === 'failed') throw failed(queued.data.job, queued.failedReason ?? 'no reason is known');
        if (state === 'cancelled') throw failed(queued.data.job, 'it was cancelled');
        await change;
      }
    },
    async close() {
      waiters.close();
      // What reads events is to be closed: disconnected alone, it would try to read on for ever.
      await goodbye(Promise.all([queue.disconnect(), events.close(), producer.disconnect()]));
    },
  };
}

/** The one with the most steps goes first, for it goes on from one that did well. To BullMQ 1 is first and 2²¹ - 1 last. */
function priorityOf({ steps }: Job): number {
  return Math.max(1, 2 ** 21 - 1 - steps);
}

async function stateOf(queued: Queued<QueuedJob, JobResult>): Promise<JobState> {
  const state = await queued.getState();
  if (state === 'completed') return 'done';
  if (state === 'active') return 'running';
  if (queued.data.cancelled) return 'cancelled';
  return state === 'failed' ? 'failed' : 'waiting';
}
