import type { Job as Queued } from 'bullmq';
import type { JobResult } from '../engine.js';
import { runJob } from '../job-command.js';
import { connected, connectionTo, goodbye } from './connection.js';
import { loadBullmq } from './load-bullmq.js';
import { cancelEvent, failureText, nameOf, type QueuedJob } from './queued-job.js';
import { queueName } from './queue-name.js';
import { RunningTrials, type StopReason } from './running-trials.js';
import { toldToEnd, type EndReason } from './told-to-end.js';

/** Of `bullmqWorker`. */
export interface BullmqWorkerOptions {
  /** URL of the Redis server, `redis://host:6379`. */
  redis: string;
  /** The sweep's folder, on a volume that every machine mounts. */
  folder: string;
  /** What a trial's process is started with, before `train`. */
  command: string[];
  /** Trials at once. */
  concurrency?: number;
  /** Seconds that a worker may be silent before its trial is given to another. */
  lock?: number;
  /** Seconds without a trial after which the worker ends; it goes on for ever where this is left out. */
  idle?: number;
  /** Ends the worker: its trials keep their checkpoints and go back to the queue. */
  signal?: AbortSignal;
  onEvent?: (event: WorkerEvent) => void;
}

/** What a worker tells as it goes. */
export type WorkerEvent =
  | { type: 'worker-start'; queue: string }
  | { type: 'job-start'; id: string; folder: string; attempt: number }
  /** A line that the trial's process wrote. */
  | { type: 'job-log'; id: string; line: string }
  | ({ type: 'job-end' } & JobResult)
  | { type: 'job-fail'; id: string; reason: string }
  /** The trial goes on elsewhere: this worker was told to end, or was silent for too long. */
  | { type: 'job-return'; id: string; why: 'stopped' | 'lock-lost' }
  | { type: 'worker-end'; reason: EndReason };

/** How many workers may die of a trial before it is held to be the cause. */
const mostDeaths = 10;

/**
 * Takes jobs off the queue of a sweep's folder and runs each in a process of its own, so that this one is free to renew
 * its locks however long a training step takes. Resolves when it is told to end, or was idle for long enough.
 *
 * Throws `queue-unavailable` where BullMQ is not installed or no server answers.
 */
export async function bullmqWorker(options: BullmqWorkerOptions): Promise<void> {
  const { redis, folder, command, concurrency = 1, lock = 30, onEvent = () => {} } = options;
  const { QueueEvents, UnrecoverableError, WaitingError, Worker } = await loadBullmq();
  const connection = connectionTo(redis);
  const name = await queueName(folder);
  const trials = new RunningTrials();

  const run = async (queued: Queued<QueuedJob, JobResult>, token?: string): Promise<JobResult> => {
    const { job, cancelled } = queued.data;
    const { id } = job;
    if (cancelled) throw new UnrecoverableError('it was cancelled');
    let why: StopReason | undefined;
    const onLog = (line: string) => {
      onEvent({ type: 'job-log', id, line });
      queued.log(line).catch(() => {});
    };
    // Also sets it anew, so that what follows at once is in time.
    const holds = async () => (await queued.extendLock(token as string, 1000 * lock)) === 1;
    const work = trials.run(nameOf(id), (signal) => {
      signal.addEventListener('abort', () => (why = signal.reason as StopReason));
      onEvent({ type: 'job-start', id, folder: job.folder, attempt: queued.attemptsStarted });
      return runJob(job, { command, folder, signal, onLog, holds });
    });
    const came = await work.then(
      (result) => ({ result: { ...result, attempts: queued.attemptsStarted } }),
      (error: unknown) => ({ error }),
    );
    if (why === 'stopped' && 'error' in came) {
      onEvent({ type: 'job-return', id, why });
      await queued.moveToWait(token);
      throw new WaitingError();
    }
    // Whatever it came to, a job that is another's by now is for that one to tell of.
    if (why === 'lock-lost' || !(await holds())) {
      onEvent({ type: 'job-return', id, why: 'lock-lost' });
      throw new WaitingError();
    }
    if ('result' in came) {
      onEvent({ type: 'job-end', ...came.result });
      return came.result;
    }
    onEvent({ type: 'job-fail', id, reason: why ?? failureText(came.error) });
    throw new UnrecoverableError(failureText(came.error));
  };

  const settings = { autorun: false, lockDuration: 1000 * lock, stalledInterval: 1000 * lock, runRetryDelay: 1000 };
  const worker = new Worker<QueuedJob, JobResult>(name, run, {
    ...settings,
    connection,
    concurrency,
    maxStalledCount: mostDeaths,
  });
  await connected(worker, redis);
  const cancels = await connected(new QueueEvents(name, { connection }), redis);
  // An event of our own, which BullMQ's types do not know.
  cancels.on(cancelEvent as 'waiting', ({ jobId }) => trials.stop(jobId, 'cancelled'));
  worker.on('lockRenewalFailed', (names) => names.forEach((name) => trials.stop(name, 'lock-lost')));
  onEvent({ type: 'worker-start', queue: name });
  const over = worker.run();
  const reason = await toldToEnd(trials, options);
  // It takes nothing more, then gives back what it has.
  await worker.pause(true);
  trials.stopAll('stopped');
  const closed = Promise.all([worker.close(), over, cancels.close()]);
  await trials.over();
  // Where Redis is away just now, its lock gives the trial back instead.
  await goodbye(closed);
  onEvent({ type: 'worker-end', reason });
}
