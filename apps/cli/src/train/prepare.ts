import type { AdapterPlan } from '@lowrank/core';
import type { CausalModel, Tokenizer } from '@lowrank/models';
import { tokenBatches, type BatchSource, type TokenWindows } from '@lowrank/trainer';
import type { TokenBatch } from '@lowrank/core';
import { planFromFlags } from '../inputs/lora.js';
import { openModel } from '../inputs/model.js';
import { readWindows, sequenceFor, splitWindows } from '../inputs/windows.js';
import type { RunOptions } from './run-options.js';

/** A run made ready: model loaded, text as windows, plan drawn. */
export interface Prepared {
  model: CausalModel;
  tokenizer: Tokenizer;
  plan: AdapterPlan;
  train: TokenWindows;
  heldOut: TokenWindows;
  batches: BatchSource<TokenBatch>;
  steps: number;
}

/** Loads what a run needs; on failure nothing stays loaded. The caller disposes the model. */
export async function prepare(options: RunOptions): Promise<Prepared> {
  const { model, tokenizer } = await openModel(options.model);
  try {
    const plan = planFromFlags(options as Parameters<typeof planFromFlags>[0], model.modules(), options.model);
    const seq = sequenceFor(model, options.sequence);
    const all = await readWindows(options.data, tokenizer, seq);
    const { train, heldOut } = options.evalData
      ? { train: all, heldOut: await readWindows(options.evalData, tokenizer, seq) }
      : splitWindows(all, options.holdout);
    const batches = tokenBatches(train, { batch: options.batch, seed: options.seed });
    const updates = (options.epochs * batches.batchesPerEpoch) / options.accumulate;
    return { model, tokenizer, plan, train, heldOut, batches, steps: options.steps ?? Math.max(1, Math.ceil(updates)) };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
