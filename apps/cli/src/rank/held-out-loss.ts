import type { Adapter } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, classLogits } from '@lowrank/models';
import { evaluateClasses, evaluateLoss, labelledBatches, readLabelledTexts } from '@lowrank/trainer';
import { openAdaptedClassifier } from '../inputs/adapted-classifier.js';
import { taskOfAdapter } from '../inputs/adapter-facts.js';
import { batchesOf, readData } from '../inputs/data.js';
import { encodeLabelled } from '../inputs/labelled-data.js';
import { openModel } from '../inputs/model.js';
import { sequenceFor } from '../inputs/sequence.js';
import type { RankFlags } from '../run/rank.js';

export interface HeldOutFlags extends RankFlags {
  model: string;
  data: string[];
  /** The adapter's. */
  folder: string;
}

/** The mean loss, in nats a target, with the adapter as it was and as it was cut. */
export interface HeldOutLosses {
  before: number;
  after: number;
}

export interface Pair {
  adapter: Adapter;
  cut: Adapter;
}

/** Measures both on the same data, as `lowrank eval` does. */
export async function heldOutLoss(flags: HeldOutFlags, pair: Pair): Promise<HeldOutLosses> {
  const task = await taskOfAdapter(flags.folder, flags);
  return task === 'classify' ? ofClassifier(flags, pair) : ofLanguage(flags, pair);
}

async function ofLanguage(flags: HeldOutFlags, pair: Pair): Promise<HeldOutLosses> {
  const { model, tokenizer, folder } = await openModel(flags.model, flags);
  using _ = model;
  const seq = sequenceFor(model, flags.sequence);
  const data = await readData(flags.data, { folder, tokenizer, seq, format: flags.format, field: flags.textColumn });
  const batches = batchesOf(data, { batch: flags.batch, shuffle: false });
  using manager = new LoraManager(model);
  return await both(manager, pair, () =>
    evaluateLoss({ loss: (batch, context) => causalLoss(model, batch, context), batches }),
  );
}

async function ofClassifier(flags: HeldOutFlags, pair: Pair): Promise<HeldOutLosses> {
  const columns = { text: flags.textColumn, label: flags.labelColumn, pair: flags.pairColumn };
  const texts = await readLabelledTexts(flags.data, columns);
  using classifier = await openAdaptedClassifier({ ...flags, adapter: flags.folder });
  const { model, manager, tokenizer, classNames } = classifier;
  manager.delete('adapter');
  const { examples } = encodeLabelled(texts, { classNames, tokenizer, seq: sequenceFor(model, flags.sequence) });
  const batches = labelledBatches(examples, { batch: flags.batch, shuffle: false });
  return await both(manager, pair, async () => {
    return (await evaluateClasses({ logits: (batch) => classLogits(model, batch), batches })).loss;
  });
}

async function both(manager: LoraManager, { adapter, cut }: Pair, loss: () => Promise<number>): Promise<HeldOutLosses> {
  manager.add('before', adapter);
  manager.add('after', cut);
  const of = (name: string) => manager.withActive(name, loss);
  return { before: await of('before'), after: await of('after') };
}
