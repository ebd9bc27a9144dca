import { computed, effect, signal } from '@preact/signals';
import type { BackendName, Command, Cost, Heat, ModelChoice, Point, Report, Started } from '../messages.js';
import { learningRate, rank, restore, settings, targets } from './choices.js';
import { saveFile } from './save-file.js';
import { timeLeft } from './time-left.js';

export const started = signal<Started | undefined>(undefined);
const nothingYet = 'Choose a model and where to compute, then load it.';
export const status = signal(nothingYet);
export const failure = signal<string | undefined>(undefined);
export const phase = signal<'empty' | 'loading' | 'idle' | 'training' | 'paused'>('empty');
export const cost = signal<Cost | undefined>(undefined);
export const losses = signal<Point[]>([]);
export const heldOut = signal<Point[]>([]);
export const heat = signal<Heat[]>([]);
export const speed = signal<number | undefined>(undefined);
export const adapters = signal<Omit<Extract<Report, { type: 'adapters' }>, 'type'>>({ weights: {}, merged: false });
export const sampled = signal<Extract<Report, { type: 'sampled' }> | undefined>(undefined);
export const busy = computed(() => phase.value === 'loading' || phase.value === 'training');

let worker: Worker | undefined;
let left = timeLeft();

export function send(command: Command): void {
  failure.value = undefined;
  worker?.postMessage(command);
}

/** Loads the worker, and in it the model. */
export function start(backend: BackendName, model: ModelChoice): void {
  close();
  worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<Report>) => receive(data));
  worker.addEventListener('error', ({ message }) => fail(message));
  phase.value = 'loading';
  status.value = 'Loading the model…';
  learningRate.value = model.from === 'page' ? 0.003 : 0.001;
  send({ type: 'start', backend, model });
}

/** Lets the model go, and all that is on it, for another one. */
export function close(): void {
  worker?.terminate();
  worker = undefined;
  phase.value = 'empty';
  status.value = nothingYet;
  [started.value, cost.value, sampled.value, failure.value] = [undefined, undefined, undefined, undefined];
  [losses.value, heldOut.value, heat.value] = [[], [], []];
  adapters.value = { weights: {}, merged: false };
}

export function train(): void {
  [losses.value, heldOut.value, heat.value, sampled.value] = [[], [], [], undefined];
  begin({ type: 'train', settings: settings() });
}

export function resume(): void {
  begin({ type: 'resume' });
}

function begin(command: Command): void {
  phase.value = 'training';
  status.value = 'Reading the text…';
  left = timeLeft();
  send(command);
}

effect(() => {
  if (started.value && targets.value.length > 0) {
    send({ type: 'cost', rank: rank.value, targets: targets.value });
  }
});

function receive(report: Report): void {
  switch (report.type) {
    case 'loading': {
      const { what, bytes, size } = report;
      const share = bytes !== undefined && size ? ` (${megabytes(bytes)} of ${megabytes(size)} MB)` : '';
      status.value = `Loading ${what}${share}…`;
      return;
    }
    case 'started':
      return begun(report.started);
    case 'cost':
      cost.value = report.cost;
      return;
    case 'step':
      losses.value = [...losses.value, report.point];
      speed.value = report.tokensPerSecond;
      status.value = `Step ${report.point.step} of ${report.steps}${left(report.point.step, report.steps)}`;
      return;
    case 'held-out':
      heldOut.value = [...heldOut.value, report.point];
      return;
    case 'heat':
      heat.value = report.heat;
      return;
    case 'stopped':
      phase.value = report.reason === 'done' ? 'idle' : 'paused';
      status.value = report.reason === 'done' ? `Trained: ${report.step} steps.` : `Paused at step ${report.step}.`;
      return;
    case 'adapters':
      adapters.value = report;
      return;
    case 'sampled':
      sampled.value = report;
      return;
    case 'file':
      saveFile(report.name, report.bytes);
      return;
    case 'failed':
      fail(report.message);
      return;
    default:
      return report satisfies never;
  }
}

function begun(now: Started): void {
  const { saved, notice } = now;
  if (saved) restore(saved.settings);
  else
    targets.value = ['q_proj', 'v_proj'].every((name) => now.targets.includes(name))
      ? ['q_proj', 'v_proj']
      : now.targets;
  started.value = now;
  phase.value = saved ? 'paused' : 'idle';
  status.value = saved ? `A run of yours stands at step ${saved.step}: resume it, or train anew.` : 'Ready.';
  failure.value = notice;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** What failed left the adapters as they were; a run can be begun again, or gone on with from its last checkpoint. */
function fail(message: string): void {
  failure.value = message;
  if (phase.value === 'loading') {
    close();
    failure.value = message;
  } else if (busy.value) {
    phase.value = losses.value.length > 0 ? 'paused' : 'idle';
    status.value = losses.value.length > 0 ? 'The run stopped; it goes on from its last checkpoint.' : 'Ready.';
  }
}
