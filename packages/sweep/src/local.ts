import { LowrankError } from '@lowrank/core/plan';
import type { Engine, Job, JobResult, JobState } from './engine.js';
import { runJob } from './job-command.js';

/** Of `localEngine`. */
export interface LocalEngineOptions {
  /** What a trial's process is started with, before `train`. */
  command: readonly string[];
  /** The sweep's folder. */
  folder: string;
  /** Processes at once. */
  parallel: number;
}

interface Entry {
  job: Job;
  state: JobState;
  log: string;
  controller: AbortController;
  result: Promise<JobResult>;
}

/**
 * Runs jobs in processes of this machine: of those that wait, the one with the most steps first, for it goes on from one
 * that did well; else in the order in which they came.
 */
export function localEngine({ command, folder, parallel }: LocalEngineOptions): Engine {
  const entries = new Map<string, Entry>();
  const waiting: { job: Job; go: () => void }[] = [];
  let running = 0;

  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry) return entry;
    throw new LowrankError('config-invalid', {
      given: `job ${id}`,
      rule: 'it must have been submitted',
      fix: 'submit it first',
    });
  };
  const place = async (job: Job) => {
    if (running === parallel) await new Promise<void>((go) => waiting.push({ job, go }));
    else running++;
  };
  const free = () => {
    if (waiting.length === 0) {
      running--;
      return;
    }
    const next = waiting.reduce((first, one) => (one.job.steps > first.job.steps ? one : first));
    waiting.splice(waiting.indexOf(next), 1);
    next.go();
  };

  async function run(entry: Entry): Promise<JobResult> {
    const { job, controller } = entry;
    const { signal } = controller;
    await place(job);
    try {
      signal.throwIfAborted();
      entry.state = 'running';
      const result = await runJob(job, { command, folder, signal, onLog: (line) => (entry.log += `${line}\n`) });
      entry.state = 'done';
      return result;
    } catch (error) {
      entry.state = signal.aborted ? 'cancelled' : 'failed';
      throw signal.aborted ? cancelled(job) : error;
    } finally {
      // Whoever hears of the result may submit what follows from it, which then goes first.
      setImmediate(free);
    }
  }

  const stop = async (entry: Entry) => {
    entry.controller.abort();
    await entry.result.catch(() => {});
  };

  return {
    async submit(job) {
      const before = entries.get(job.id)?.state;
      if (before !== undefined && before !== 'failed' && before !== 'cancelled') return;
      const entry: Entry = {
        job,
        state: 'waiting',
        log: '',
        controller: new AbortController(),
        result: undefined as never,
      };
      entries.set(job.id, entry);
      entry.result = run(entry);
      // Whoever asks for the result hears of it.
      entry.result.catch(() => {});
    },
    status: async (id) => find(id).state,
    logs: async (id) => find(id).log,
    cancel: async (id) => stop(find(id)),
    result: async (id) => find(id).result,
    async close() {
      await Promise.all([...entries.values()].map(stop));
    },
  };
}

function cancelled({ id, folder }: Job): LowrankError {
  return new LowrankError('trial-failed', {
    given: `trial ${id} in ${folder}`,
    rule: 'it was cancelled',
    fix: 'the same sweep again goes on from its last checkpoint',
  });
}
