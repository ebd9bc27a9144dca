import { computed, effect, signal } from '@preact/signals';
import type { BackendName, Command, Cost, Heat, Point, Report, RunSettings, Started } from '../messages.js';
import { saveFile } from './save-file.js';

export const started = signal<Started | undefined>(undefined);
export const status = signal('Choose where to compute, then load the model.');
export const failure = signal<string | undefined>(undefined);
export const phase = signal<'empty' | 'loading' | 'idle' | 'training' | 'paused'>('empty');
export const text = signal('');
export const rank = signal(8);
export const steps = signal(60);
export const targets = signal<string[]>(['q_proj', 'v_proj']);
export const cost = signal<Cost | undefined>(undefined);
export const losses = signal<Point[]>([]);
export const heldOut = signal<Point[]>([]);
export const heat = signal<Heat[]>([]);
export const speed = signal<number | undefined>(undefined);
export const adapters = signal<{ weights: Record<string, number>; merged: boolean }>({ weights: {}, merged: false });
export const sampled = signal<Extract<Report, { type: 'sampled' }> | undefined>(undefined);
export const busy = computed(() => phase.value === 'loading' || phase.value === 'training');

let worker: Worker | undefined;

export function send(command: Command): void {
  failure.value = undefined;
  worker?.postMessage(command);
}

/** Loads the worker, and in it the model. */
export function start(backend: BackendName): void {
  worker?.terminate();
  worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<Report>) => receive(data));
  worker.addEventListener('error', ({ message }) => fail(message));
  phase.value = 'loading';
  status.value = 'Loading the model…';
  send({ type: 'start', backend });
}

export function train(): void {
  [losses.value, heldOut.value, heat.value] = [[], [], []];
  phase.value = 'training';
  send({
    type: 'train',
    settings: { text: text.value, rank: rank.value, targets: targets.value, steps: steps.value },
  });
}

export function resume(): void {
  phase.value = 'training';
  send({ type: 'resume' });
}

/** Choices back as a run of an earlier visit had them. */
function restore({ settings }: { settings: RunSettings }): void {
  [text.value, rank.value, targets.value, steps.value] = [
    settings.text,
    settings.rank,
    settings.targets,
    settings.steps,
  ];
}

effect(() => {
  if (started.value && targets.value.length > 0) {
    send({ type: 'cost', rank: rank.value, targets: targets.value });
  }
});

function receive(report: Report): void {
  switch (report.type) {
    case 'started': {
      const { saved } = report.started;
      if (saved) restore(saved);
      started.value = report.started;
      phase.value = saved ? 'paused' : 'idle';
      status.value = saved ? `A run of yours stands at step ${saved.step}: resume it, or train anew.` : 'Ready.';
      return;
    }
    case 'cost':
      cost.value = report.cost;
      return;
    case 'step':
      losses.value = [...losses.value, report.point];
      speed.value = report.tokensPerSecond;
      status.value = `Step ${report.point.step} of ${report.steps}`;
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

function fail(message: string): void {
  failure.value = message;
  if (busy.value) phase.value = started.value ? 'idle' : 'empty';
}
