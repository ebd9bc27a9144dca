import { LowrankError } from '@lowrank/core/plan';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Owner } from './earlier-process.js';
import type { Job, JobResult } from './engine.js';
import { resultIn, runFile } from './run-log.js';

export interface RunJobOptions {
  /** What a trial's process is started with, before `train`: `['lowrank']`, or Node and a script. */
  command: readonly string[];
  /** The sweep's folder. */
  folder: string;
  /** Ends the process after its running step, which is kept. */
  signal?: AbortSignal | undefined;
  /** Is told each line that the process writes. */
  onLog?: ((line: string) => void) | undefined;
}

/**
 * Runs a trial up to a job's step in a process of its own, from its last checkpoint where it has one. What it came to is
 * read from its run, so a job that is done is never run again. Rejects with the signal's reason where that ended it.
 *
 * @throws `trial-failed` with what the process said last
 */
export async function runJob(job: Job, { command, folder, signal, onLog }: RunJobOptions): Promise<JobResult> {
  const out = join(folder, job.folder);
  const owner = new Owner(out);
  await owner.endEarlier();
  const before = await resultIn(out, job);
  if (before) return before;
  signal?.throwIfAborted();
  const [program, ...first] = [...command, ...(await argumentsOf(job, out))] as [string, ...string[]];
  // A group of its own: Ctrl-C on the terminal reaches whoever started it, which then ends it once.
  const child = spawn(program, first, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const failed = new Promise<never>((_, reject) => child.on('error', reject));
  const end = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', end);
  let said = 'it said nothing';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said = reasonIn(line) ?? said;
      onLog?.(line);
    });
  }
  try {
    await Promise.race([once(child, 'spawn'), failed]);
    await owner.is(child.pid as number);
    const [code, killed] = (await once(child, 'close')) as [number | null, string | null];
    await owner.none();
    const result = await resultIn(out, job);
    if (result) return result;
    signal?.throwIfAborted();
    throw failure(
      job,
      code === 0 ? 'it ended before its last evaluation' : `${killed ?? `exit code ${code}`}: ${said}`,
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

/** What an error event, or a line on stderr, says went wrong. */
function reasonIn(line: string): string | undefined {
  if (!line.startsWith('{')) return line.trim() || undefined;
  try {
    const { type, given, rule } = JSON.parse(line) as Record<string, unknown>;
    return type === 'error' ? `${String(given)}: ${String(rule)}` : undefined;
  } catch {
    return undefined;
  }
}

function failure({ id, folder }: Job, rule: string): LowrankError {
  return new LowrankError('trial-failed', {
    given: `trial ${id} in ${folder}`,
    rule,
    fix: 'mend its options and run the sweep again: what is done is kept',
  });
}
