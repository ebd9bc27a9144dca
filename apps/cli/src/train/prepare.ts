import type { AdapterPlan, TokenBatch } from '@lowrank/core';
import type { BatchSource } from '@lowrank/trainer';
import { batchesOf, readData, type TokenData } from '../inputs/data.js';
import { planFromFlags } from '../inputs/lora.js';
import { openModel, type OpenModel } from '../inputs/model.js';
import { sequenceFor } from '../inputs/sequence.js';
import { splitData } from '../inputs/split-data.js';
import { wrongOption } from '../output/usage-error.js';
import type { RunOptions } from './run-options.js';

/** A run made ready: model loaded, data as token ids, plan drawn. */
export interface Prepared extends OpenModel {
  plan: AdapterPlan;
  train: TokenData;
  heldOut: TokenData;
  batches: BatchSource<TokenBatch>;
  /** The most tokens of a sequence. */
  seq: number;
  steps: number;
}

/** Loads what a run needs; on failure nothing stays loaded. The caller disposes the model. */
export async function prepare(
  options: RunOptions,
  backend = options.backend,
  about: { json?: boolean } = {},
): Promise<Prepared> {
  const open = await openModel(options.model, { ...options, ...about, backend });
  const { model, tokenizer, folder } = open;
  try {
    const plan = planFromFlags(options as Parameters<typeof planFromFlags>[0], model.modules(), options.model);
    const seq = sequenceFor(model, options.sequence);
    const read = (paths: string[]) => readData(paths, { folder, tokenizer, seq, format: options.format });
    const all = await read(options.data);
    const { train, heldOut } = options.evalData
      ? { train: all, heldOut: await read(options.evalData) }
      : splitData(all, options.holdout);
    const batches = batchesOf(train, {
      batch: options.batch,
      seed: options.seed,
      pack: options.pack ? seq : undefined,
    });
    const updates = (options.epochs * batches.batchesPerEpoch) / options.accumulate;
    const steps = options.steps ?? Math.max(1, Math.ceil(updates));
    checkWarmup(options.warmup, steps);
    return { ...open, plan, train, heldOut, batches, seq, steps };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Known only once the data is counted; refused before the run touches its folder. */
function checkWarmup(warmup: number | undefined, steps: number): void {
  if (warmup === undefined || warmup <= steps) return;
  throw wrongOption({ given: `--warmup ${warmup}`, rule: `the run has ${steps} steps`, fix: 'give at most as many' });
}
