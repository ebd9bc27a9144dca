import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, JobResult } from './engine.js';

/** What the events of a run say that a sweep asks for. */
interface RunEvent {
  type: string;
  step: number;
  loss?: number;
  milliseconds?: number;
  reason?: string;
}

/** What a trial's folder says came of a job; nothing where it is not done. The adapter is the last thing that a run writes. */
export async function readResult({ id, steps }: Job, out: string): Promise<JobResult | undefined> {
  if (!existsSync(join(out, 'adapter_config.json'))) return undefined;
  const events = await readEvents(join(out, 'run', 'events.jsonl'));
  const end = events.findLast(({ type, reason }) => type === 'train-end' && reason === 'done');
  const loss = events.findLast(({ type }) => type === 'eval-end')?.loss;
  if (!end || end.step < steps || loss === undefined) return undefined;
  const milliseconds = events.reduce((sum, event) => sum + (event.milliseconds ?? 0), 0);
  return { id, loss, step: end.step, seconds: milliseconds / 1000, attempts: 1 };
}

async function readEvents(path: string): Promise<RunEvent[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as RunEvent];
    } catch {
      return []; // A crash cut it off.
    }
  });
}
