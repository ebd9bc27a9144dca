import type { Adapter } from '@lowrank/core';
import { encodePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { compactAdapter } from '@lowrank/rank';
import { train, type TrainEvent } from '@lowrank/trainer';
import type { Reporter } from '../output/reporter.js';
import { TrainView } from '../output/train-view.js';
import { writeAdapter } from '../output/write-adapter.js';
import { allocatorOf, showPruned } from './adaptive.js';
import { EventLog, type RunEvent, type Sample } from './event-log.js';
import type { StartedBackend } from '../inputs/backend.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { interruptSignal } from './interrupt.js';
import { prepare } from './prepare.js';
import type { Prepared } from './prepared.js';
import type { RunFolder } from './run-folder.js';
import { runOptions, type KeptOptions, type RunOptions } from './run-options.js';
import { showPlan } from './show-plan.js';
import { showResult } from './show-result.js';
import { startOf, startOfResumed } from './start-of.js';

const name = 'adapter';

export interface TrainRunContext {
  out: Reporter;
  /** Go on from the run's last checkpoint. */
  resume: boolean;
  json: boolean;
  /** Stop at the first evaluation from this step on. */
  stopAfter?: number | undefined;
  /** The backend that was typed; without one a run goes on where it was. */
  backend?: BackendChoice;
}

/** One run from plan to adapter: shows the cost, trains, keeps checkpoints and events, writes the PEFT folder. */
export async function trainRun(
  run: RunFolder,
  kept: KeptOptions,
  { out, resume, json, stopAfter = Infinity, backend }: TrainRunContext,
): Promise<void> {
  await run.checkOurs();
  const options = runOptions(kept, run.options);
  const checkpoint = resume ? await run.readCheckpoint() : undefined;
  const past = checkpoint && (await EventLog.open(run.events, checkpoint.step)).backend;
  const prepared = await prepare(options, backend ?? past?.name ?? options.backend, { json });
  using model = prepared.model;
  showPlan(prepared, options, out);
  using manager = new LoraManager(model);
  const start = checkpoint ? startOfResumed(prepared.plan, checkpoint) : await startOf(prepared, options, out);
  manager.add(name, prepared.plan, { seed: options.seed, start });
  const allocator = allocatorOf(prepared, options, manager.parameters(name));
  await run.checkOurs();
  await run.tidy();
  if (!resume) await run.begin(kept);
  if (resume)
    out.line(checkpoint ? `going on from step ${checkpoint.step}` : 'no checkpoint yet: starting from the beginning');
  if (past && past.name !== prepared.backend.name) out.line(`notice: ${otherBits(past, prepared.backend)}`);
  const log = await EventLog.open(run.events, checkpoint?.step ?? -1);
  const add = async (event: RunEvent) => {
    await run.checkOurs();
    await log.add(event);
  };
  await add({ type: 'backend-start', step: checkpoint?.step ?? 0, backend: prepared.backend });
  const sample = async (when: Sample['when'], step: number) => {
    const made = await sampleOf(when, step, prepared, options);
    if (!made) return;
    await add(made);
    out.event(made);
    showSample(made, out);
  };
  if (!checkpoint) await sample('before', 0);

  const interrupt = interruptSignal(() => out.line('stopping after this step; Ctrl-C again to stop at once'));
  const planned = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, planned.signal]);
  const { unit } = prepared.data;
  const view = new TrainView(out, unit);
  let last: TrainEvent | undefined;
  try {
    const events = train({
      ...trainOptions(prepared, options, run, signal),
      parameters: manager.parameters(name),
      allocator,
      ...(checkpoint ? { resume: checkpoint } : {}),
    });
    for await (const event of events) {
      out.event(event);
      await add(event);
      view.show(event);
      last = event;
      if (event.type === 'eval-end' && event.step > 0 && event.step < prepared.steps)
        await sample('during', event.step);
      if (event.type === 'eval-end' && event.step >= stopAfter && event.step < prepared.steps) planned.abort();
    }
  } finally {
    interrupt.release();
  }
  await run.checkOurs();
  await run.draw(log.events, unit);
  if (last?.type === 'train-end' && last.reason === 'aborted') {
    stopped(run, last.step, out);
    if (interrupt.signal.aborted) process.exitCode = 130;
    return;
  }

  const compacted = await writeTrained(run, manager, prepared, options);
  if (compacted) showPruned(prepared.plan, compacted, out);
  await sample('after', last?.step ?? prepared.steps);
  showResult(run, log.events, prepared, out);
}

function trainOptions(
  { loss, evaluate, batches, steps }: Prepared,
  options: RunOptions,
  run: RunFolder,
  signal: AbortSignal,
) {
  const every = (asked: number | undefined, parts: number) => asked ?? Math.max(1, Math.ceil(steps / parts));
  return {
    signal,
    loss,
    batches,
    steps,
    accumulate: options.accumulate,
    learningRate: options.learningRate,
    loraPlusRatio: options.loraPlus,
    loraFa: options.loraFa,
    ...(options.warmup === undefined ? {} : { warmupSteps: options.warmup }),
    weightDecay: options.weightDecay,
    clipNorm: options.clip,
    seed: options.seed,
    evaluate: { every: every(options.evalEvery, 4), loss: () => evaluate(signal) },
    checkpoint: { every: every(options.checkpointEvery, 10), write: run.writeCheckpoint.bind(run) },
  };
}

async function writeTrained(
  run: RunFolder,
  manager: LoraManager,
  { classNames, plan }: Prepared,
  { adaptiveBudget }: RunOptions,
): Promise<Adapter | undefined> {
  const trained = await manager.adapter(name);
  const compacted = adaptiveBudget === undefined ? undefined : compactAdapter(trained, plan);
  await run.checkOurs();
  await writeAdapter(run.out, encodePeft(compacted ?? trained), classNames);
  return compacted;
}

function otherBits(before: StartedBackend, now: StartedBackend): string {
  return `the run computed on ${before.name} so far and goes on on ${now.name}: last digits will differ from a run on one alone`;
}

async function sampleOf(
  when: Sample['when'],
  step: number,
  { write }: Prepared,
  { sample: prompt, seed }: RunOptions,
): Promise<Sample | undefined> {
  if (prompt === undefined || !write) return undefined;
  let text = '';
  for await (const piece of write(prompt, seed)) text += piece;
  return { type: 'sample', when, step, prompt, text };
}

function showSample({ when, step, prompt, text }: Sample, out: Reporter): void {
  const title = when === 'during' ? `at step ${step}` : `${when} training`;
  out.line(`${when === 'before' ? '' : '\n'}${title}:\n  ${(prompt + text).replace(/\s+/g, ' ')}\n`);
}

function stopped(run: RunFolder, step: number, out: Reporter): void {
  out.event({ type: 'stopped', step, out: run.out, checkpoint: run.checkpoint });
  out.line(`stopped after step ${step}; it is kept. To go on: lowrank train --resume --out ${run.out}`);
}
