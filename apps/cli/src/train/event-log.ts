import { unwritable, writeFileAtomic } from '@lowrank/formats';
import type { TrainEvent } from '@lowrank/trainer';
import { appendFile, readFile } from 'node:fs/promises';
import { backendNames } from '../inputs/backend-names.js';
import type { StartedBackend } from '../inputs/backend.js';

/** A run begins, or goes on, on a backend. */
interface BackendStart {
  type: 'backend-start';
  /** Steps that were done before. */
  step: number;
  backend: StartedBackend;
}

/** What the model made of the prompt of `--sample`. */
export interface Sample {
  type: 'sample';
  when: 'before' | 'during' | 'after';
  step: number;
  prompt: string;
  text: string;
}

export type RunEvent = TrainEvent | BackendStart | Sample;

/** The events of a run, one JSON object a line, in a file that outlives a crash. */
export class EventLog {
  private constructor(
    private readonly path: string,
    readonly events: RunEvent[],
  ) {}

  /** The log at `path` up to and including `step`; later lines belong to steps that are done again. */
  static async open(path: string, step: number): Promise<EventLog> {
    const events = (await readEvents(path)).filter((event) => event.step <= step);
    const log = new EventLog(path, events);
    await writeFileAtomic(path, new TextEncoder().encode(events.map(lineOf).join('')));
    return log;
  }

  /** What the run last computed on; nothing before its first checkpoint. */
  get backend(): StartedBackend | undefined {
    const backend = this.events.findLast((event) => event.type === 'backend-start')?.backend;
    return backend && backendNames.includes(backend.name) ? backend : undefined;
  }

  /** Throws `file-unwritable`. */
  async add(event: RunEvent): Promise<void> {
    this.events.push(event);
    await appendFile(this.path, lineOf(event)).catch((cause) => {
      throw unwritable(this.path, cause);
    });
  }
}

const lineOf = (event: RunEvent) => `${JSON.stringify(event)}\n`;

/** The events at `path`; none where there is no such file. A line that a crash cut off is passed over; it can only be the last. */
export async function readEvents(path: string): Promise<RunEvent[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as RunEvent];
    } catch {
      return [];
    }
  });
}
