import type { ForwardContext, LabelledBatch } from '@lowrank/core';
import { classificationLoss, classLogits, ownClassNames } from '@lowrank/models';
import { classNamesOf, evaluateClasses, labelledBatches, readLabelledTexts } from '@lowrank/trainer';
import { encodeLabelled, type LabelledData } from '../inputs/labelled-data.js';
import type { LoraFlags } from '../commands/shared-options.js';
import { planFromFlags } from '../inputs/lora.js';
import { openClassifier } from '../inputs/model.js';
import { sequenceFor } from '../inputs/sequence.js';
import { splitLabelled } from '../inputs/split-labelled.js';
import { counted } from '../output/units.js';
import { stepsOf, type PrepareOptions } from './prepare-options.js';
import type { DataSummary, Prepared } from './prepared.js';

/** A run that learns to tell classes of text apart. */
export async function prepareClassifier(options: PrepareOptions): Promise<Prepared> {
  const columns = { text: options.textColumn, label: options.labelColumn, pair: options.pairColumn };
  const all = await readLabelledTexts(options.data, columns);
  const names = classNamesOf(all);
  const texts = options.evalData
    ? { train: all, heldOut: await readLabelledTexts(options.evalData, columns) }
    : splitLabelled(all, options.holdout);
  const { batch, seed } = options;
  const named = async (folder: string) => (await ownClassNames(folder)) ?? names;
  const { model, tokenizer, folder, backend } = await openClassifier(options.model, { ...options, classNames: named });
  try {
    const classNames = model.config.classNames as readonly string[];
    const plan = planFromFlags(options as LoraFlags, model.modules(), { model: options.model, taskType: 'SEQ_CLS' });
    const seq = sequenceFor(model, options.sequence);
    const encode = (part: typeof all) => encodeLabelled(part, { classNames, tokenizer, seq });
    const [train, heldOut] = [encode(texts.train), encode(texts.heldOut)];
    const batches = labelledBatches(train.examples, { batch, seed });
    const held = labelledBatches(heldOut.examples, { batch, shuffle: false });
    const logits = (given: LabelledBatch) => classLogits(model, given);
    return {
      ...{ model, folder, backend, plan, batches, steps: stepsOf(options, batches), seq, classNames },
      data: summary(
        train,
        heldOut,
        classNames,
        texts.train.some(({ pair }) => pair !== undefined),
      ),
      loss: (given: LabelledBatch, context?: ForwardContext) => classificationLoss(model, given, context),
      evaluate: (signal) => evaluateClasses({ logits, batches: held, signal }),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function summary(
  train: LabelledData,
  heldOut: LabelledData,
  classNames: readonly string[],
  pairs: boolean,
): DataSummary {
  const [trainTexts, heldOutTexts] = [train.examples.length, heldOut.examples.length];
  return {
    unit: 'text',
    facts: { format: 'labelled', classNames, trainTexts, heldOutTexts, ...(pairs && { pairs }) },
    train: `${counted(trainTexts, pairs ? 'pair' : 'text')} of ${classNames.length} classes (${shown(classNames)})`,
    heldOut: counted(heldOutTexts, 'text'),
    notices: [train.notice, heldOut.notice].filter((notice) => notice !== undefined),
  };
}

function shown(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(', ')}, …` : names.join(', ');
}
