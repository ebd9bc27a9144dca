import type { Checkpoint, ForwardContext, TokenBatch } from '@lowrank/core';
import { causalLoss } from '@lowrank/models';
import { evaluateLoss, train } from '@lowrank/trainer';
import type { Report, RunSettings } from '../messages.js';
import { splitData } from './data.js';
import type { Lab } from './lab.js';
import { saveCheckpoint } from './saved-run.js';

export interface RunOptions {
  name: string;
  settings: RunSettings;
  resume: Checkpoint | undefined;
  signal: AbortSignal;
  report: (report: Report) => void;
}

/** Trains one adapter to the end or to a pause, with checkpoints that outlive the tab. */
export async function run(lab: Lab, { name, settings, resume, signal, report }: RunOptions): Promise<void> {
  const { train: batches, heldOut } = splitData(settings.text, lab.tokenizer);
  lab.begin(name, settings);
  const loss = (batch: TokenBatch, context?: ForwardContext) => causalLoss(lab.model, batch, context);
  const every = Math.max(1, Math.ceil(settings.steps / 10));
  const events = train({
    parameters: lab.manager.parameters(name),
    ...{ loss, batches, steps: settings.steps, signal, resume, learningRate: 3e-3 },
    evaluate: { every, loss: () => evaluateLoss({ loss, batches: heldOut, signal }) },
    checkpoint: { every, write: saveCheckpoint },
  });
  for await (const event of events) {
    if (event.type === 'step-end') {
      const { step, loss, targets, milliseconds, steps } = event;
      report({ type: 'step', point: { step, loss }, steps, tokensPerSecond: (targets / milliseconds) * 1000 });
    } else if (event.type === 'eval-end') {
      report({ type: 'held-out', point: { step: event.step, loss: event.loss } });
      report({ type: 'heat', heat: await lab.heat(name) });
    } else if (event.type === 'train-end') {
      report({ type: 'stopped', step: event.step, reason: event.reason === 'done' ? 'done' : 'paused' });
    }
    await messages();
  }
}

/** Lets what the page sends come in between two steps. */
const messages = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
