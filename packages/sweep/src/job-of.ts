import { createHash } from 'node:crypto';
import type { Job } from './engine.js';

/** A trial's options. */
export type Trial = Readonly<Record<string, unknown>>;

/** A trial up to a step as a job: its folder is the same for every step, its id is not. */
export function jobOf(config: Trial, steps: number): Job {
  const trial = trialId(config);
  return { id: `${trial}-${steps}`, config, steps, folder: trial };
}

/** The same for the same options, in whatever order: 12 hexadecimal digits of a SHA-256. */
export function trialId(config: Trial): string {
  return createHash('sha256').update(canonical(config)).digest('hex').slice(0, 12);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}
