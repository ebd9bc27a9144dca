import type { BackendName, Command, MergeSpeeds, ModelChoice, Report, RunSettings } from '../messages.js';
import { adapterFiles } from './adapter-files.js';
import { Lab } from './lab.js';
import { openModel } from './open-model.js';
import { run } from './run.js';
import { RunStore, type SavedRun } from './saved-run.js';
import { startBackend } from './start-backend.js';

const trained = 'yours';

interface Opened {
  lab: Lab;
  store: RunStore;
}

let opened: Opened | undefined;
let pause: AbortController | undefined;
let merged: MergeSpeeds | undefined;
/** Commands wait for each other, but for a pause. */
let last: Promise<void> = Promise.resolve();

addEventListener('message', ({ data }: MessageEvent<Command>) => {
  if (data.type === 'pause') return pause?.abort();
  last = last.then(() => obey(data)).catch((error: Error) => report({ type: 'failed', message: error.message }));
});

async function obey(command: Command): Promise<void> {
  if (command.type === 'start') return start(command.backend, command.model);
  const { lab, store } = opened!;
  switch (command.type) {
    case 'cost':
      return report({ type: 'cost', cost: lab.cost(command) });
    case 'train':
      return store.alone(async () => {
        await store.begin(command.settings);
        await train({ settings: command.settings });
      });
    case 'resume':
      return store.alone(async () => train(await store.read()));
    case 'add':
      unmerge();
      await lab.add(await adapterFiles(command.files));
      return adapters();
    case 'weigh':
      unmerge();
      lab.weigh(command.weights);
      return adapters();
    case 'merge':
      if (command.merged) merged = await lab.merge();
      else unmerge();
      return adapters();
    case 'sample': {
      const { prompt } = command;
      const adapted = await lab.write(prompt);
      const base = await lab.withBase(() => lab.write(prompt));
      return report({ type: 'sampled', prompt, base, adapted });
    }
    case 'download': {
      const { name, format } = command;
      return report({ type: 'file', name: `${name}-${format}.zip`, bytes: await lab.zip(name, format) });
    }
    case 'pause':
      return;
    default:
      return command satisfies never;
  }
}

async function start(backend: BackendName, choice: ModelChoice): Promise<void> {
  const running = await startBackend(backend);
  report({ type: 'loading', what: choice.from === 'hub' ? choice.id : 'the model' });
  const folder = await openModel(choice, report);
  report({ type: 'loading', what: `${folder.name} onto ${backend}` });
  const lab = await Lab.open(folder, backend);
  opened = { lab, store: new RunStore(folder.name) };
  const { settings, checkpoint, notice } = await opened.store.read();
  const done = settings !== undefined && checkpoint?.step === settings.steps;
  report({
    type: 'started',
    started: {
      ...running,
      model: { name: folder.name, parameters: lab.parameters },
      targets: lab.targets,
      saved: settings && { step: checkpoint?.step ?? 0, settings },
      notice,
    },
  });
  // A run that was done has nothing to go on with but its adapter.
  if (done) await opened.store.alone(() => train({ settings, checkpoint }));
}

/** Goes on with a run, from its checkpoint where it has one. */
async function train({ settings, checkpoint }: SavedRun): Promise<void> {
  const { lab, store } = opened!;
  unmerge();
  pause = new AbortController();
  try {
    await run(lab, {
      name: trained,
      settings: settings as RunSettings,
      resume: checkpoint,
      signal: pause.signal,
      keep: (made) => store.keep(made),
      report,
    });
  } finally {
    pause = undefined;
    adapters();
  }
}

function unmerge(): void {
  if (merged) opened!.lab.manager.unmerge();
  merged = undefined;
}

function adapters(): void {
  report({ type: 'adapters', weights: opened!.lab.weights, merged: merged !== undefined, speeds: merged });
}

function report(message: Report): void {
  postMessage(message);
}
