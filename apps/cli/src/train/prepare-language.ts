import type { ForwardContext, TokenBatch } from '@lowrank/core';
import { causalLoss, generate } from '@lowrank/models';
import { evaluateLoss } from '@lowrank/trainer';
import { batchesOf, countOf, readData, targetsOf, type TokenData } from '../inputs/data.js';
import type { LoraFlags } from '../commands/shared-options.js';
import { planFromFlags } from '../inputs/lora.js';
import { openModel } from '../inputs/model.js';
import { sequenceFor } from '../inputs/sequence.js';
import { splitData } from '../inputs/split-data.js';
import { countText } from '../output/units.js';
import { stepsOf, type PrepareOptions } from './prepare-options.js';
import type { DataSummary, Prepared } from './prepared.js';

/** A run that learns to go on with text. */
export async function prepareLanguage(options: PrepareOptions): Promise<Prepared> {
  const { model, tokenizer, folder, backend } = await openModel(options.model, options);
  try {
    const plan = planFromFlags(options as LoraFlags, model.modules(), { model: options.model, taskType: 'CAUSAL_LM' });
    const seq = sequenceFor(model, options.sequence);
    const { format, textColumn: field } = options;
    const read = (paths: string[]) => readData(paths, { folder, tokenizer, seq, format, field });
    const all = await read(options.data);
    const { train, heldOut } = options.evalData
      ? { train: all, heldOut: await read(options.evalData) }
      : splitData(all, options.holdout);
    const { batch, seed } = options;
    const batches = batchesOf(train, { batch, seed, pack: options.pack ? seq : undefined });
    const held = batchesOf(heldOut, { batch, shuffle: false });
    const loss = (given: TokenBatch, context?: ForwardContext) => causalLoss(model, given, context);
    const sampling = { maxNewTokens: 60, temperature: 0.8, topP: 0.95 };
    return {
      ...{
        model,
        folder,
        backend,
        plan,
        batches,
        steps: stepsOf(options, batches),
        seq,
        data: summary(train, heldOut),
      },
      loss,
      counts: ({ targets }: TokenBatch) => targets.map((target) => Number(target !== -100)),
      evaluate: (signal) => evaluateLoss({ loss, batches: held, signal }),
      write: (prompt, samplingSeed) => generate(model, tokenizer, { prompt, ...sampling, seed: samplingSeed }),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function summary(train: TokenData, heldOut: TokenData): DataSummary {
  const counts =
    train.format === 'text'
      ? { trainWindows: countOf(train), heldOutWindows: countOf(heldOut) }
      : { trainExamples: countOf(train), heldOutExamples: countOf(heldOut) };
  return {
    unit: 'token',
    facts: { format: train.format, ...counts, trainTokens: targetsOf(train), heldOutTokens: targetsOf(heldOut) },
    train: amount(train),
    heldOut: amount(heldOut),
    notices: [train.notice, heldOut.notice].filter((notice) => notice !== undefined),
  };
}

function amount(data: TokenData): string {
  const tokens = `${countText(targetsOf(data))} tokens`;
  return data.format === 'text' ? tokens : `${tokens} of ${countText(countOf(data))} ${nouns[data.format]}`;
}

const nouns = { completion: 'completions', chat: 'conversations' };
