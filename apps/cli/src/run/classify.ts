import { classLogits, type EncoderModel, type Quantise } from '@lowrank/models';
import { labelledBatches } from '@lowrank/trainer';
import { softmax, tidy } from '@tensorflow/tfjs-core';
import { openAdaptedClassifier } from '../inputs/adapted-classifier.js';
import { baseFor } from '../inputs/adapter-facts.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { sequenceFor } from '../inputs/sequence.js';
import { givenTexts } from '../inputs/texts.js';
import { classesText } from '../output/classes-text.js';
import { reporter } from '../output/reporter.js';
import { wrongOption } from '../output/usage-error.js';

export interface ClassifyFlags {
  model?: string;
  quantise?: Quantise;
  adapter?: string;
  /** A second text that each is judged with. */
  pair?: string;
  sequence?: number;
  backend: BackendChoice;
  offline?: boolean;
  json?: boolean;
}

/** Prints the class of each text and the probabilities of all, as they come. @param texts lines of stdin where none are given */
export async function runClassify(texts: string[], flags: ClassifyFlags): Promise<void> {
  const out = reporter(flags.json ?? false);
  if (texts.length === 0 && process.stdin.isTTY) throw nothing('neither texts nor a stdin to read them from');
  const model = await baseFor(flags, flags);
  using classifier = await openAdaptedClassifier({ ...flags, model });
  const { tokenizer, classNames } = classifier;
  const maxLength = sequenceFor(classifier.model, flags.sequence);
  let count = 0;
  for await (const { text, pair } of givenTexts(texts, flags.pair)) {
    count++;
    const { ids, types, cut } = tokenizer.encodeSequence(text, { pair, maxLength });
    const shares = await probabilities(classifier.model, { ids, types });
    const best = shares.indexOf(Math.max(...shares));
    const named = Object.fromEntries(classNames.map((name, index) => [name, shares[index]]));
    out.event({
      type: 'class',
      text,
      ...(pair !== undefined && { pair }),
      class: classNames[best],
      probabilities: named,
      cut,
    });
    if (!flags.json) out.line(classesText(text, classNames, shares));
  }
  if (count === 0) throw nothing('no texts, and none on stdin');
}

/** One a class, adding up to 1. */
async function probabilities(model: EncoderModel, sequence: { ids: Int32Array; types: Int32Array }): Promise<number[]> {
  const batch = labelledBatches([{ ...sequence, label: 0 }], { batch: 1, shuffle: false }).at(0);
  const shares = tidy(() => softmax(classLogits(model, batch)));
  const values = await shares.data().finally(() => shares.dispose());
  return Array.from(values);
}

function nothing(given: string): Error {
  return wrongOption({
    given,
    rule: 'there is nothing to classify',
    fix: 'give texts, each in quotes, or one a line on stdin',
  });
}
