import type { AdapterPlan, TokenBatch } from '@lowrank/core';
import { tokenBatches, type BatchSource, type TokenWindows } from '@lowrank/trainer';
import { planFromFlags } from '../inputs/lora.js';
import { openModel, type OpenModel } from '../inputs/model.js';
import { readWindows, sequenceFor, splitWindows } from '../inputs/windows.js';
import { wrongOption } from '../output/usage-error.js';
import type { RunOptions } from './run-options.js';

/** A run made ready: model loaded, text as windows, plan drawn. */
export interface Prepared extends OpenModel {
  plan: AdapterPlan;
  train: TokenWindows;
  heldOut: TokenWindows;
  batches: BatchSource<TokenBatch>;
  steps: number;
}

/** Loads what a run needs; on failure nothing stays loaded. The caller disposes the model. */
export async function prepare(options: RunOptions, backend = options.backend): Promise<Prepared> {
  const open = await openModel(options.model, { backend, quantise: options.quantise });
  const { model, tokenizer } = open;
  try {
    const plan = planFromFlags(options as Parameters<typeof planFromFlags>[0], model.modules(), options.model);
    const seq = sequenceFor(model, options.sequence);
    const all = await readWindows(options.data, tokenizer, seq);
    const { train, heldOut } = options.evalData
      ? { train: all, heldOut: await readWindows(options.evalData, tokenizer, seq) }
      : splitWindows(all, options.holdout);
    const batches = tokenBatches(train, { batch: options.batch, seed: options.seed });
    const updates = (options.epochs * batches.batchesPerEpoch) / options.accumulate;
    const steps = options.steps ?? Math.max(1, Math.ceil(updates));
    checkWarmup(options.warmup, steps);
    return { ...open, plan, train, heldOut, batches, steps };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Known only once the text is counted; refused before the run touches its folder. */
function checkWarmup(warmup: number | undefined, steps: number): void {
  if (warmup === undefined || warmup <= steps) return;
  throw wrongOption({ given: `--warmup ${warmup}`, rule: `the run has ${steps} steps`, fix: 'give at most as many' });
}
