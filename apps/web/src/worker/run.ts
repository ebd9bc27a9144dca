import type { Checkpoint, ForwardContext, TokenBatch } from '@lowrank/core';
import { causalLoss } from '@lowrank/models';
import { evaluateLoss, train } from '@lowrank/trainer';
import type { Report, RunSettings } from '../messages.js';
import { splitData } from './data.js';
import type { Lab } from './lab.js';

export interface RunOptions {
  name: string;
  settings: RunSettings;
  resume: Checkpoint | undefined;
  signal: AbortSignal;
  keep: (checkpoint: Checkpoint) => Promise<void>;
  report: (report: Report) => void;
}

/** Tokens of a text that shows how far the adapter is. */
const glimpse = 24;

/** Trains one adapter to the end or to a pause, with checkpoints that outlive the tab. */
export async function run(lab: Lab, { name, settings, resume, signal, keep, report }: RunOptions): Promise<void> {
  const { train: batches, heldOut } = await splitData(settings, lab);
  lab.begin(name, settings);
  const loss = (batch: TokenBatch, context?: ForwardContext) => causalLoss(lab.model, batch, context);
  const every = Math.max(1, Math.ceil(settings.steps / 10));
  const { steps, learningRate, prompt } = settings;
  const shows = prompt.trim() !== '';
  const base = shows ? await lab.withBase(() => lab.write(prompt, glimpse)) : undefined;
  const events = train({
    parameters: lab.manager.parameters(name),
    ...{ loss, batches, steps, signal, resume, learningRate },
    evaluate: { every, loss: () => evaluateLoss({ loss, batches: heldOut, signal }) },
    checkpoint: { every, write: keep },
  });
  for await (const event of events) {
    if (event.type === 'step-end') {
      const { step, loss: mean, targets, milliseconds } = event;
      report({ type: 'step', point: { step, loss: mean }, steps, tokensPerSecond: (targets / milliseconds) * 1000 });
    } else if (event.type === 'eval-end') {
      const { step } = event;
      report({ type: 'held-out', point: { step, loss: event.loss } });
      report({ type: 'heat', heat: await lab.heat(name) });
      if (base && !signal.aborted) {
        report({ type: 'sampled', prompt, step, base, adapted: await lab.write(prompt, glimpse) });
      }
    } else if (event.type === 'train-end') {
      report({ type: 'stopped', step: event.step, reason: event.reason === 'done' ? 'done' : 'paused' });
    }
    await messages();
  }
}

/** Lets what the page sends come in between two steps. */
const messages = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
