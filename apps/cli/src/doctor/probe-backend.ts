import type { BackendName } from '../inputs/backend-names.js';
import { askProcess, type AskOptions } from './ask-process.js';
import type { Because, ProbeResult } from './probe-result.js';

/** Looks at what one backend can do and how fast, in a process of its own. */
export async function probeBackend(name: BackendName, { timeout }: Pick<AskOptions, 'timeout'>): Promise<ProbeResult> {
  const asked = await askProcess<ProbeResult>('probe.js', [name], { timeout });
  if ('answer' in asked) return asked.answer;
  return { name, works: false, because: silent(name, asked.ended, asked.noise) };
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
