// Teaches all-MiniLM-L6-v2 to tell spam from other mail through LoRA; a linear probe on the frozen model is the baseline.
import { parseArgs } from 'node:util';
import { node } from '@lowrank/backend-node';
import { planAdapter, useBackend } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { classificationLoss, classLogits, loadClassifier, loadTokenizer, writeClassNames } from '@lowrank/models';
import { miniLm } from '@lowrank/peers/provide-models.mjs';
import { encodeLabelledTexts, evaluateClasses, labelledBatches, train } from '@lowrank/trainer';
import { readMails } from './mails.mjs';
import { probe } from './probe.mjs';
import { writeTask } from './write-task.mjs';

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values: given } = parseArgs({
  options: {
    mails: number(400), // to learn from
    heldOut: number(1500),
    epochs: number(4),
    out: { type: 'string', default: 'runs/classify' },
    json: { type: 'boolean', default: false },
  },
});
const out = String(given.out);
const say = (line) => given.json || console.log(line);
const classNames = ['ham', 'spam'];

await useBackend(node());
const base = miniLm();
const tokenizer = await loadTokenizer(base);
const mails = await readMails(Number(given.mails), Number(given.heldOut));
const encode = (text) => tokenizer.encodeSequence(text, { maxLength: 128 });
const [learned, heldOut] = [mails.train, mails.heldOut].map((part) => encodeLabelledTexts(part, classNames, encode));
const batches = labelledBatches(learned, { batch: 16 });
const inOrder = (examples) => labelledBatches(examples, { batch: 32, shuffle: false });
const steps = Math.max(1, Math.round(Number(given.epochs) * batches.batchesPerEpoch));
const settings = { learningRate: 5e-3, weightDecay: 0.01, warmupSteps: Math.ceil(steps / 10), clipNorm: 1 };

const model = await loadClassifier(base, { classNames });
const manager = new LoraManager(model);
const config = { rank: 8, alpha: 16, targetModules: ['query', 'value'], taskType: 'SEQ_CLS' };
manager.add('spam', planAdapter(config, model.modules()));
const evaluate = () => evaluateClasses({ logits: (batch) => classLogits(model, batch), batches: inOrder(heldOut) });

const adapter = await manager.adapter('spam');
await writeTask(out, { base, settings, classNames, adapter, batches, steps, heldOut });

manager.activate(undefined);
const baseline = await probe(model, inOrder(learned), inOrder(heldOut));
say(`linear probe     accuracy ${percent(baseline.accuracy)}, macro F1 ${percent(baseline.macroF1)}`);
manager.activate('spam');

const started = performance.now();
const loss = (batch, context) => classificationLoss(model, batch, context);
for await (const event of train({ parameters: manager.parameters('spam'), loss, batches, steps, ...settings })) {
  if (event.type === 'step-end' && event.step % 10 === 0)
    say(`step ${event.step} of ${steps}, loss ${event.loss.toFixed(4)}`);
}
const seconds = (performance.now() - started) / 1000;
const { predicted: _, ...scores } = await evaluate();
say(`LoRA             accuracy ${percent(scores.accuracy)}, macro F1 ${percent(scores.macroF1)}`);
await writePeft(`${out}/adapter`, await manager.adapter('spam'));
await writeClassNames(`${out}/adapter`, classNames);
const sizes = { mails: learned.length, heldOut: heldOut.length, steps };
if (given.json) console.log(JSON.stringify({ ...sizes, seconds, probe: baseline, lora: scores }));
manager.dispose();
model.dispose();

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}
