import { runJob, type Job, type JobResult } from '@lowrank/sweep';
import { bullmqWorker, type WorkerEvent } from '@lowrank/sweep/bullmq';
import { readFile } from 'node:fs/promises';
import { reporter } from '../output/reporter.js';
import { secondsText } from '../output/units.js';
import { wrongOption } from '../output/usage-error.js';
import { interruptSignal } from '../train/interrupt.js';

export interface WorkerFlags {
  redis?: string;
  folder: string;
  concurrency: number;
  lock: number;
  idle?: number;
  job?: string;
  json?: boolean;
}

/** Does trials of a sweep: those of a queue, or one from a file. */
export async function runWorker({ redis, job, ...flags }: WorkerFlags): Promise<void> {
  const out = reporter(flags.json ?? false);
  const { signal, release } = interruptSignal(() => out.line('stopping after the running step; again to stop at once'));
  const command = [process.execPath, process.argv[1] as string];
  const show = (event: WorkerEvent) => {
    out.event(event);
    const line = textOf(event);
    if (line !== undefined) out.line(line);
  };
  try {
    if (job !== undefined) await oneTrial(await readJob(job), { ...flags, command, signal, show });
    else if (redis !== undefined) await bullmqWorker({ ...flags, redis, command, signal, onEvent: show });
    else throw wrongOption({ given: 'no --redis', rule: 'trials come from a queue', fix: 'add --redis, or --job' });
  } finally {
    release();
  }
  // A connection that is being made anew would keep it alive.
  process.exit(signal.aborted ? 130 : 0);
}

interface OneTrial {
  folder: string;
  command: string[];
  signal: AbortSignal;
  show: (event: WorkerEvent) => void;
}

async function oneTrial(job: Job, { folder, command, signal, show }: OneTrial): Promise<void> {
  const { id } = job;
  show({ type: 'job-start', id, folder: job.folder, attempt: 1 });
  const onLog = (line: string) => show({ type: 'job-log', id, line });
  try {
    const result: JobResult = await runJob(job, { command, folder, signal, onLog });
    show({ type: 'job-end', ...result });
  } catch (error) {
    if (!signal.aborted) throw error;
    show({ type: 'job-return', id, why: 'stopped' });
  }
}

/** Throws a usage error where the file is not there or holds no job. */
async function readJob(path: string): Promise<Job> {
  const wrong = (rule: string, cause?: unknown) =>
    wrongOption({ given: `--job ${path}`, rule, fix: 'name one of the files that --emit kubernetes puts in', cause });
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw wrong(cause.message, cause);
  });
  try {
    const job = JSON.parse(text) as Job;
    const whole = [job.id, job.folder].every((value) => typeof value === 'string') && typeof job.steps === 'number';
    if (whole && typeof job.config === 'object' && job.config !== null) return job;
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !(cause instanceof TypeError)) throw cause;
  }
  throw wrong('it is no job of a sweep');
}

function textOf(event: WorkerEvent): string | undefined {
  if (event.type === 'worker-start') return `waiting for trials of ${event.queue}`;
  if (event.type === 'job-start') {
    return `${event.folder}: started${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`;
  }
  if (event.type === 'job-end') {
    return `${event.id}: loss ${event.loss.toFixed(4)} after ${event.step} steps, ${secondsText(event.seconds)}`;
  }
  if (event.type === 'job-fail') return `${event.id}: failed: ${event.reason}`;
  if (event.type === 'job-return') {
    return `${event.id}: ${event.why === 'stopped' ? 'given back' : 'left to another, after too long a silence'}`;
  }
  if (event.type === 'worker-end') return event.reason === 'idle' ? 'nothing to do: ended' : 'ended';
  return undefined;
}
