import { errorCodes, LowrankError, type ErrorCode } from '@lowrank/core';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Job, JobResult } from './engine.js';
import { readResult } from './job-result.js';

export interface RunJobOptions {
  /** What the process of a trial is started with, before `train`. */
  command: readonly string[];
  /** The sweep's folder. */
  folder: string;
  /**
   * Ends the process: by default it finishes its step and writes a checkpoint; where the reason is `lock-lost` at once,
   * for then the run belongs to another process.
   */
  signal?: AbortSignal;
  /** Is told each line that the process writes. */
  onLog?: (line: string) => void;
}

/**
 * Runs a job as `lowrank train` in a process of its own, from its last checkpoint where there is one. What its folder
 * says is done is not run again. Throws the error that the process ended with, or `trial-failed`.
 */
export async function runJob(job: Job, { command, folder, ...watch }: RunJobOptions): Promise<JobResult> {
  const out = join(folder, job.folder);
  const before = await readResult(job, out);
  if (before) return before;
  const start = existsSync(join(out, 'run', 'options.json')) ? ['--resume'] : ['--config', await writeConfig(job, out)];
  const [file, ...args] = [...command, 'train', ...start, '--out', out, '--json'];
  const error = await ended(file as string, args, watch);
  const result = await readResult(job, out);
  if (result) return result;
  throw error ?? failed(job, `its process ended before step ${job.steps}`);
}

async function writeConfig({ config, steps }: Job, out: string): Promise<string> {
  await mkdir(out, { recursive: true });
  const path = join(out, 'job.json');
  await writeFile(path, `${JSON.stringify({ ...config, steps }, undefined, 2)}\n`);
  return path;
}

/** @returns the error that the process told of, where it told of one. */
async function ended(
  file: string,
  args: string[],
  { signal, onLog = () => {} }: Pick<RunJobOptions, 'signal' | 'onLog'>,
): Promise<LowrankError | undefined> {
  // Its output is a pipe: where this process dies, the next event that it writes ends it too.
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => child.kill(signal?.reason === 'lock-lost' ? 'SIGKILL' : 'SIGTERM');
  let error: LowrankError | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    error = errorIn(line) ?? error;
    onLog(line);
  });
  createInterface({ input: child.stderr }).on('line', onLog);
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  try {
    await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  } finally {
    signal?.removeEventListener('abort', end);
  }
  return error;
}

function errorIn(line: string): LowrankError | undefined {
  if (!line.startsWith('{"type":"error"')) return undefined;
  const { code, given, rule, fix, message } = JSON.parse(line) as Record<string, string>;
  if (code !== undefined && code in errorCodes && given !== undefined) {
    return new LowrankError(code as ErrorCode, { given, rule: rule!, fix: fix! });
  }
  return new LowrankError('trial-failed', {
    given: 'the process of a trial',
    rule: message ?? 'it failed',
    fix: 'run lowrank train with its job.json to see why',
  });
}

function failed({ id, folder }: Job, rule: string): LowrankError {
  return new LowrankError('trial-failed', {
    given: `trial ${id} in ${folder}`,
    rule,
    fix: 'the same sweep again goes on from its last checkpoint',
  });
}
