import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, JobResult } from './engine.js';

interface RunEvent {
  type: string;
  step: number;
  loss?: number;
  milliseconds?: number;
}

/** The files of a trial's run, as `lowrank train` writes them. */
export const runFile = (out: string, name: 'options.json' | 'events.jsonl') => join(out, 'run', name);

/**
 * What a job has come to by its trial's own events, whoever wrote them; undefined where the job is not done. A job of all
 * the trial's steps is done once there is an adapter. Steps that were done again after a crash count once.
 */
export async function resultIn(out: string, { id, steps, config }: Job): Promise<JobResult | undefined> {
  if (config['steps'] === steps && !existsSync(join(out, 'adapter_config.json'))) return undefined;
  const events = await eventsIn(out);
  const held = events.find(({ type, step }) => type === 'eval-end' && step >= steps);
  if (held?.loss === undefined) return undefined;
  const taken = new Map(
    events.flatMap(({ type, step, milliseconds }) => (type === 'step-end' ? [[step, milliseconds ?? 0]] : [])),
  );
  const seconds = [...taken].reduce((sum, [step, ms]) => sum + (step <= held.step ? ms : 0), 0) / 1000;
  const attempts = events.filter(({ type, step }) => type === 'backend-start' && step < held.step).length;
  return { id, loss: held.loss, step: held.step, seconds, attempts };
}

/** A last line that a crash cut off is left out. */
async function eventsIn(out: string): Promise<RunEvent[]> {
  const text = await readFile(runFile(out, 'events.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as RunEvent];
    } catch {
      return [];
    }
  });
}
