import { LowrankError } from '@lowrank/core/plan';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Job, JobResult } from './engine.js';
import { Owner } from './owner.js';
import { resultIn, runFile } from './run-log.js';
import { trialFolder } from './trial-folder.js';

/** Processes that a job may take: one that is killed, as when memory runs out, or loses the folder, is followed by another. */
const mostProcesses = 3;

/** Of `runJob`. */
export interface RunJobOptions {
  /** What a trial's process is started with, before `train`: `['lowrank']`, or Node and a script. */
  command: readonly string[];
  /** The sweep's folder. */
  folder: string;
  /** Ends the process after its running step, which is kept. */
  signal?: AbortSignal | undefined;
  /** Is told each line that the process writes. */
  onLog?: ((line: string) => void) | undefined;
  /**
   * Whether the job is still the caller's to do, as a queue has it. Where this is left out it is, until another process goes
   * on with it.
   */
  holds?: (() => Promise<boolean>) | undefined;
}

/**
 * Runs a trial up to a job's step in a process of its own, from its last checkpoint where it has one. What it came to is
 * read from its run, so a job that is done is never run again. Rejects with the signal's reason where that ended it.
 *
 * @throws `trial-failed` with what the process said last; `config-invalid` where the job's folder is not below the sweep's
 */
export async function runJob(job: Job, options: RunJobOptions): Promise<JobResult> {
  for (let left = mostProcesses - 1; ; left--) {
    const result = await runOnce(job, options, left > 0);
    if (result) return result;
  }
}

/** Undefined where its process was killed and another may follow. */
async function runOnce(
  job: Job,
  { command, folder, signal, onLog, holds }: RunJobOptions,
  another: boolean,
): Promise<JobResult | undefined> {
  const out = await trialFolder(job, folder);
  const owner = new Owner(out, job.folder);
  await owner.endEarlier();
  const before = await resultIn(out, job);
  if (before) return before;
  signal?.throwIfAborted();
  const [program, ...first] = [...command, ...(await argumentsOf(job, out))] as [string, ...string[]];
  await owner.take();
  const env = { ...process.env, ...owner.environment };
  // A group of its own: Ctrl-C on the terminal reaches whoever started it, which then ends it once.
  const child = spawn(program, first, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
  // Rejects where the process cannot be started.
  const closed = once(child, 'close') as Promise<[code: number | null, killed: string | null]>;
  closed.catch(() => {});
  const end = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', end);
  if (signal?.aborted) end();
  const said: { error?: string | undefined; last?: string | undefined } = {};
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.error ??= errorIn(line);
      said.last = line.trim() || said.last;
      onLog?.(line);
    });
  }
  try {
    if (child.pid !== undefined) await owner.is(child.pid);
    const [code, killed] = await closed;
    const taken = !(await owner.holds());
    await owner.leave();
    const result = await resultIn(out, job);
    if (result) return result;
    signal?.throwIfAborted();
    const ours = holds === undefined ? !taken : await holds();
    if ((killed !== null || taken) && ours && another) return undefined;
    if (taken) throw failure(job, 'another process goes on with it');
    if (killed !== null) throw failure(job, `each of its ${mostProcesses} processes was killed, the last by ${killed}`);
    throw failure(
      job,
      code === 0
        ? 'it ended before its last evaluation'
        : `exit code ${code}: ${said.error ?? said.last ?? 'it said nothing'}`,
    );
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'ENOENT' ? failure(job, `there is no ${program}`) : cause;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

async function argumentsOf({ config, steps }: Job, out: string): Promise<string[]> {
  const common = ['--out', out, '--json', '--stop-after', String(steps)];
  if (existsSync(runFile(out, 'options.json'))) return ['train', '--resume', ...common];
  await mkdir(out, { recursive: true });
  const file = join(out, 'trial.json');
  await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`);
  return ['train', '--config', file, ...common];
}

/** What an error event, or a line that people read, says went wrong. */
function errorIn(line: string): string | undefined {
  if (line.startsWith('error: ')) return line.slice('error: '.length);
  if (!line.startsWith('{"type":"error"')) return undefined;
  const { given, rule } = JSON.parse(line) as Record<string, string>;
  return `${given}: ${rule}`;
}

function failure({ id, folder }: Job, rule: string): LowrankError {
  return new LowrankError('trial-failed', {
    given: `trial ${id} in ${folder}`,
    rule,
    fix: 'mend its options and run the sweep again: what is done is kept',
  });
}
