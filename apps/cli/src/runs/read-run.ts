import { readFile } from 'node:fs/promises';
import type { Environment } from '../train/environment.js';
import { readEvents, type RunEvent } from '../train/event-log.js';
import { RunFolder } from '../train/run-folder.js';

/** A run as its folder tells it; what is not known yet is left out. */
export interface RunRecord {
  out: string;
  /** `unfinished`: it goes on, or it ended without a word. */
  state: 'done' | 'stopped' | 'unfinished';
  started?: string;
  backend?: string;
  step: number;
  steps?: number;
  /** Wall time of steps and evaluations. */
  seconds: number;
  /** Mean loss of the last twentieth of the steps, in nats a target. */
  loss?: number;
  heldOutBefore?: number;
  heldOutAfter?: number;
  accuracy?: number;
  targetsPerSecond?: number;
  trainableParameters?: number;
  options: Record<string, unknown>;
  environment: Partial<Environment>;
  events: RunEvent[];
}

/** What is in a run's folder; a damaged file counts as one that is not there. */
export async function readRun(out: string): Promise<RunRecord> {
  const run = new RunFolder(out);
  const [events, options, environment] = await Promise.all([
    readEvents(run.events),
    readObject(run.options),
    readObject(run.environment) as Promise<Partial<Environment>>,
  ]);
  const steps = events.filter((event) => event.type === 'step-end');
  const held = events.filter((event) => event.type === 'eval-end');
  const end = events.findLast((event) => event.type === 'train-end');
  const tail = steps.slice(-Math.max(1, Math.round(steps.length / 20)));
  const stepping = sum(steps.map(({ milliseconds }) => milliseconds)) / 1000;
  return given({
    ...{ out, options, environment, events },
    state: end === undefined ? 'unfinished' : end.reason === 'done' ? 'done' : 'stopped',
    started: environment.started,
    backend: events.findLast((event) => event.type === 'backend-start')?.backend.name,
    step: steps.at(-1)?.step ?? 0,
    steps: steps.at(-1)?.steps,
    seconds: stepping + sum(held.map(({ milliseconds }) => milliseconds)) / 1000,
    loss: steps.length > 0 ? sum(tail.map(({ loss }) => loss)) / tail.length : undefined,
    heldOutBefore: held[0]?.loss,
    heldOutAfter: held.length > 1 ? held.at(-1)?.loss : undefined,
    accuracy: held.at(-1)?.accuracy,
    targetsPerSecond: stepping > 0 ? sum(steps.map(({ targets }) => targets)) / stepping : undefined,
    trainableParameters: events.find((event) => event.type === 'train-start')?.trainableParameters,
  }) as RunRecord;
}

async function readObject(path: string): Promise<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

const given = (record: object) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
