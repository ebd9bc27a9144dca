import type { Command, Report } from '../messages.js';
import { Lab } from './lab.js';
import { run } from './run.js';
import { saveSettings, savedRun } from './saved-run.js';
import { startBackend } from './start-backend.js';

const trained = 'yours';
let lab: Lab | undefined;
let pause: AbortController | undefined;
let merged = false;
/** Commands wait for each other, but for a pause. */
let last: Promise<void> = Promise.resolve();

addEventListener('message', ({ data }: MessageEvent<Command>) => {
  if (data.type === 'pause') return pause?.abort();
  last = last.then(() => obey(data)).catch((error: Error) => report({ type: 'failed', message: error.message }));
});

async function obey(command: Command): Promise<void> {
  if (command.type === 'start') return start(command.backend);
  const open = lab!;
  switch (command.type) {
    case 'cost':
      return report({ type: 'cost', cost: open.cost(command) });
    case 'train':
      await unmerge(open);
      await saveSettings(command.settings);
      return train(open);
    case 'resume':
      await unmerge(open);
      return train(open);
    case 'add':
      await unmerge(open);
      await open.add(command.name, command.files);
      return adapters(open);
    case 'weigh':
      await unmerge(open);
      open.weigh(command.weights);
      return adapters(open);
    case 'merge':
      if (command.merged) await open.manager.merge();
      else open.manager.unmerge();
      merged = command.merged;
      return adapters(open);
    case 'sample': {
      const adapted = await open.write(command.prompt);
      const base = await open.manager.withDisabled(() => open.write(command.prompt));
      return report({
        type: 'sampled',
        base: base.text,
        adapted: adapted.text,
        tokensPerSecond: adapted.tokensPerSecond,
      });
    }
    case 'download':
      return report({
        type: 'file',
        name: `${command.name}-${command.format}.zip`,
        bytes: await open.zip(command.name, command.format),
      });
    case 'pause':
      return;
    default:
      return command satisfies never;
  }
}

async function start(backend: 'webgpu' | 'wasm'): Promise<void> {
  const started = await startBackend(backend);
  lab = await Lab.open();
  const saved = await savedRun();
  report({
    type: 'started',
    started: {
      ...started,
      targets: lab.targets,
      saved: saved && { step: saved.checkpoint?.step ?? 0, settings: saved.settings },
    },
  });
}

/** Goes on with the run that is saved, from its checkpoint where it has one. */
async function train(open: Lab): Promise<void> {
  pause = new AbortController();
  const { settings, checkpoint } = (await savedRun())!;
  try {
    await run(open, { name: trained, settings, resume: checkpoint, signal: pause.signal, report });
  } finally {
    pause = undefined;
    adapters(open);
  }
}

async function unmerge(open: Lab): Promise<void> {
  if (merged) open.manager.unmerge();
  merged = false;
}

function adapters(open: Lab): void {
  report({ type: 'adapters', names: Object.keys(open.weights), weights: open.weights, merged });
}

function report(message: Report): void {
  postMessage(message);
}
