import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMails } from '@lowrank/example-classify/mails.mjs';
import { classificationLoss, classLogits, loadClassifier, loadTokenizer } from '@lowrank/models';
import { miniLm } from '@lowrank/peers/provide-models.mjs';
import { encodeLabelledTexts, evaluateClasses, labelledBatches } from '@lowrank/trainer';

const classNames = ['ham', 'spam'];

/** MiniLM learns to tell spam from other mail. */
export const mail = {
  name: 'MiniLM, Spam Assassin',
  steps: 40,
  learningRate: 2e-3,
  config: { targetModules: 'all-linear', excludeModules: ['pooler.dense'], taskType: 'SEQ_CLS' },

  async open(seed, folder) {
    const base = miniLm();
    const [model, tokenizer] = [await loadClassifier(base, { classNames, seed }), await loadTokenizer(base)];
    const { train, heldOut } = await readMails(400, 400);
    const data = join(folder, 'mails.jsonl');
    await writeFile(data, train.map(({ text, label }) => `${JSON.stringify({ text, label })}\n`).join(''));
    const encode = (text) => tokenizer.encodeSequence(text, { maxLength: 64 });
    const [learned, held] = [train, heldOut].map((mails) => encodeLabelledTexts(mails, classNames, encode));
    return {
      model,
      loss: (batch, context) => classificationLoss(model, batch, context),
      // The first 64 mails were kept apart for probes when the first runs were recorded.
      batches: labelledBatches(learned.slice(64), { batch: 8, seed }),
      counts: ({ mask }) => mask,
      search: [
        ...['--model', base, '--data', data, '--task', 'classify', '--exclude', 'pooler.dense'],
        ...['--batch', '8', '--sequence', '64'],
      ],
      score: async () => {
        const batches = labelledBatches(held, { batch: 32, shuffle: false });
        const { loss, accuracy } = await evaluateClasses({ logits: (batch) => classLogits(model, batch), batches });
        return { loss, accuracy };
      },
    };
  },
};
