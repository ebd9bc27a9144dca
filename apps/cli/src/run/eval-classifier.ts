import { classLogits } from '@lowrank/models';
import { evaluateClasses, labelledBatches, readLabelledTexts } from '@lowrank/trainer';
import { openAdaptedClassifier } from '../inputs/adapted-classifier.js';
import { encodeLabelled } from '../inputs/labelled-data.js';
import { sequenceFor } from '../inputs/sequence.js';
import { reporter } from '../output/reporter.js';
import { scoresText } from '../output/scores-text.js';
import { counted } from '../output/units.js';
import type { EvalFlags } from './eval.js';

/** Prints accuracy, macro F1 and mean loss, in nats a text, of a classifier on labelled texts. */
export async function evalClassifier(flags: EvalFlags & { model: string }): Promise<void> {
  const out = reporter(flags.json ?? false);
  const columns = { text: flags.textColumn, label: flags.labelColumn, pair: flags.pairColumn };
  const texts = await readLabelledTexts(flags.data, columns);
  using classifier = await openAdaptedClassifier(flags);
  const { model, manager, tokenizer, classNames } = classifier;
  const seq = sequenceFor(model, flags.sequence);
  const { examples, notice } = encodeLabelled(texts, { classNames, tokenizer, seq });
  if (notice) out.line(`notice: ${notice}`);
  if (flags.merge) await manager.merge();
  const batches = labelledBatches(examples, { batch: flags.batch, shuffle: false });
  const { loss, accuracy, macroF1 } = await evaluateClasses({ logits: (batch) => classLogits(model, batch), batches });
  out.event({
    type: 'result',
    loss,
    accuracy,
    macroF1,
    format: 'labelled',
    texts: texts.length,
    classNames,
    notice: notice ?? null,
    quantise: flags.quantise ?? null,
  });
  if (flags.json) return;
  out.line(
    `${scoresText({ accuracy, macroF1 })}, loss ${loss.toFixed(4)} nats a text, over ${counted(texts.length, 'text')}`,
  );
}
