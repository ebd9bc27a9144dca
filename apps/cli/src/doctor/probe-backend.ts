import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BackendName } from '../inputs/backend-names.js';
import type { Because, ProbeResult } from './probe-result.js';

export interface ProbeOptions {
  /** Seconds after which a process that has not answered is ended. */
  timeout: number;
}

/** Looks at one backend in a process of its own: whatever a native part does there, it spoils nothing here. */
export async function probeBackend(name: BackendName, { timeout }: ProbeOptions): Promise<ProbeResult> {
  const child = fork(fileURLToPath(new URL('probe.js', import.meta.url)), [name], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let noise = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (noise += String(chunk)));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeout * 1000);
  let result: ProbeResult | undefined;
  child.on('message', (message) => (result = message as ProbeResult));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...ending) => resolve(ending));
  });
  clearTimeout(timer);
  if (result) return result;
  const ended = late ? `gave no answer within ${timeout} s` : `ended by ${signal ?? `exit code ${code}`}`;
  return { name, works: false, because: silent(name, ended, noise) };
}

function silent(name: BackendName, ended: string, noise: string): Because {
  const last = noise.trim().split('\n').at(-1);
  return {
    code: 'backend-unavailable',
    given: `backend "${name}"`,
    rule: `the process that tried it ${ended}${last ? `: ${last}` : ''}`,
    fix: 'install its native part anew, update the driver, or use another backend',
  };
}
