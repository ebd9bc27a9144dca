import { readMails } from '@lowrank/example-classify/mails.mjs';
import { classificationLoss, classLogits, loadClassifier, loadTokenizer } from '@lowrank/models';
import { miniLm } from '@lowrank/peers/provide-models.mjs';
import { encodeLabelledTexts, evaluateClasses, labelledBatches } from '@lowrank/trainer';

const classNames = ['ham', 'spam'];

/** MiniLM learns to tell spam from other mail. What probes are judged by is apart from what the proof is judged by. */
export const mail = {
  name: 'MiniLM, Spam Assassin',
  steps: 40,
  learningRate: 2e-3,
  config: { targetModules: 'all-linear', excludeModules: ['pooler.dense'], taskType: 'SEQ_CLS' },

  async open(seed) {
    const base = miniLm();
    const [model, tokenizer] = [await loadClassifier(base, { classNames, seed }), await loadTokenizer(base)];
    const { train, heldOut } = await readMails(400, 400);
    const encode = (text) => tokenizer.encodeSequence(text, { maxLength: 64 });
    const [learned, held] = [train, heldOut].map((mails) => encodeLabelledTexts(mails, classNames, encode));
    const scoresOn = (examples) => async () => {
      const batches = labelledBatches(examples, { batch: 32, shuffle: false });
      const { loss, accuracy } = await evaluateClasses({ logits: (batch) => classLogits(model, batch), batches });
      return { loss, accuracy };
    };
    return {
      model,
      loss: (batch, context) => classificationLoss(model, batch, context),
      batches: labelledBatches(learned.slice(64), { batch: 8, seed }),
      counts: ({ mask }) => mask,
      validate: async () => (await scoresOn(learned.slice(0, 64))()).loss,
      score: scoresOn(held),
    };
  },
};
