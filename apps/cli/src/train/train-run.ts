import type { ForwardContext, TokenBatch } from '@lowrank/core';
import { basename } from 'node:path';
import { writeFileAtomic, writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, generate } from '@lowrank/models';
import { evaluateLoss, train, type TrainEvent } from '@lowrank/trainer';
import { batchesOf } from '../inputs/data.js';
import { lossCurve } from '../output/loss-curve.js';
import type { Reporter } from '../output/reporter.js';
import { TrainView } from '../output/train-view.js';
import { secondsText } from '../output/units.js';
import { EventLog, type RunEvent } from './event-log.js';
import type { StartedBackend } from '../inputs/backend.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { interruptSignal } from './interrupt.js';
import { prepare, type Prepared } from './prepare.js';
import type { RunFolder } from './run-folder.js';
import type { RunOptions } from './run-options.js';
import { showPlan } from './show-plan.js';

const name = 'adapter';

export interface TrainRunContext {
  out: Reporter;
  /** Go on from the run's last checkpoint. */
  resume: boolean;
  json: boolean;
  /** The backend that was typed; without one a run goes on where it was. */
  backend?: BackendChoice;
}

/** One run from plan to adapter: shows the cost, trains, keeps checkpoints and events, writes the PEFT folder. */
export async function trainRun(
  run: RunFolder,
  options: RunOptions,
  { out, resume, json, backend }: TrainRunContext,
): Promise<void> {
  const checkpoint = resume ? await run.readCheckpoint() : undefined;
  const past = checkpoint && (await EventLog.open(run.events, checkpoint.step)).backend;
  const prepared = await prepare(options, backend ?? past?.name, { json });
  using model = prepared.model;
  showPlan(prepared, options, out);
  using manager = new LoraManager(model);
  manager.add(name, prepared.plan, { seed: options.seed });
  if (!resume) await run.begin(options);
  if (resume)
    out.line(checkpoint ? `going on from step ${checkpoint.step}` : 'no checkpoint yet: starting from the beginning');
  if (past && past.name !== prepared.backend.name) out.line(`notice: ${otherBits(past, prepared.backend)}`);
  const log = await EventLog.open(run.events, checkpoint?.step ?? -1);
  await log.add({ type: 'backend-start', step: checkpoint?.step ?? 0, backend: prepared.backend });
  if (!checkpoint) await showSample('before', prepared, options, out);

  const { signal, release } = interruptSignal(() => out.line('stopping after this step; Ctrl-C again to stop at once'));
  const view = new TrainView(out);
  let last: TrainEvent | undefined;
  try {
    const events = train({
      ...trainOptions(prepared, options, run, signal),
      parameters: manager.parameters(name),
      ...(checkpoint ? { resume: checkpoint } : {}),
    });
    for await (const event of events) {
      out.event(event);
      await log.add(event);
      view.show(event);
      last = event;
    }
  } finally {
    release();
  }
  await writeFileAtomic(run.curve, new TextEncoder().encode(lossCurve(log.events, `Loss of ${basename(run.out)}`)));
  if (last?.type === 'train-end' && last.reason === 'aborted') return stopped(run, last.step, out);

  await writePeft(run.out, await manager.adapter(name));
  await showSample('after', prepared, options, out);
  showResult(run, log.events, prepared, out);
}

function trainOptions(
  { model, batches, heldOut, steps }: Prepared,
  options: RunOptions,
  run: RunFolder,
  signal: AbortSignal,
) {
  const held = batchesOf(heldOut, { batch: options.batch, shuffle: false });
  const every = (asked: number | undefined, parts: number) => asked ?? Math.max(1, Math.ceil(steps / parts));
  const loss = (batch: TokenBatch, context?: ForwardContext) => causalLoss(model, batch, context);
  return {
    signal,
    loss,
    batches,
    steps,
    accumulate: options.accumulate,
    learningRate: options.learningRate,
    ...(options.warmup === undefined ? {} : { warmupSteps: options.warmup }),
    weightDecay: options.weightDecay,
    clipNorm: options.clip,
    seed: options.seed,
    evaluate: { every: every(options.evalEvery, 4), loss: () => evaluateLoss({ loss, batches: held, signal }) },
    checkpoint: { every: every(options.checkpointEvery, 10), write: run.writeCheckpoint.bind(run) },
  };
}

function otherBits(before: StartedBackend, now: StartedBackend): string {
  return `the run computed on ${before.name} so far and goes on on ${now.name}: last digits will differ from a run on one alone`;
}

async function showSample(
  when: 'before' | 'after',
  { model, tokenizer }: Prepared,
  options: RunOptions,
  out: Reporter,
): Promise<void> {
  if (options.sample === undefined) return;
  let text = '';
  const sampling = { maxNewTokens: 60, temperature: 0.8, topP: 0.95, seed: options.seed };
  for await (const piece of generate(model, tokenizer, { prompt: options.sample, ...sampling })) text += piece;
  out.event({ type: 'sample', when, prompt: options.sample, text });
  out.line(`${when === 'after' ? '\n' : ''}${when} training:\n  ${(options.sample + text).replace(/\s+/g, ' ')}\n`);
}

function stopped(run: RunFolder, step: number, out: Reporter): void {
  out.event({ type: 'stopped', step, out: run.out, checkpoint: run.checkpoint });
  out.line(`stopped after step ${step}; it is kept. To go on: lowrank train --resume --out ${run.out}`);
  process.exitCode = 130;
}

function showResult(run: RunFolder, events: RunEvent[], { backend }: Prepared, out: Reporter): void {
  const held = events.filter((event) => event.type === 'eval-end').map(({ loss }) => loss);
  const [before, after] = [held[0] ?? NaN, held.at(-1) ?? NaN];
  const seconds = events.reduce((sum, event) => sum + ('milliseconds' in event ? event.milliseconds / 1000 : 0), 0);
  const change = 100 * (after / before - 1);
  out.event({
    type: 'result',
    out: run.out,
    heldOutBefore: before,
    heldOutAfter: after,
    changePercent: change,
    seconds,
    backend,
    curve: run.curve,
  });
  out.line(
    `held-out loss ${before.toFixed(4)} → ${after.toFixed(4)} nats a token (${change.toFixed(1)} %) in ${secondsText(seconds)}`,
  );
  out.line(`adapter in ${run.out}, loss curve in ${run.curve}`);
}
