// Teaches SmolLM2-135M-Instruct to answer as a dictionary does, through LoRA. Ends with 1 where it learnt nothing.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { node } from '@lowrank/backend-node';
import { planAdapter, useBackend } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, generate, loadChatTemplate, loadModel, loadTokenizer } from '@lowrank/models';
import { smolLm2, smolLm2File as base } from '@lowrank/peers/provide-models.mjs';
import { encodeRecords, evaluateLoss, lengthBatches, readRecords, train } from '@lowrank/trainer';
import { readDictionary } from './dictionary.mjs';
import { writeTask } from './write-task.mjs';

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values: given } = parseArgs({
  options: {
    words: number(1536), // to learn, each once
    heldOut: number(256),
    answers: number(3), // of the held-out words, asked before and after
    out: { type: 'string', default: 'runs/instruct' },
    json: { type: 'boolean', default: false },
  },
});
const out = String(given.out);
const say = (line) => given.json || console.log(line);

await useBackend(node());
smolLm2();
const [tokenizer, chatTemplate] = [await loadTokenizer(base), await loadChatTemplate(base)];
const dictionary = await readDictionary(Number(given.words), Number(given.heldOut));
const [learned, heldOut] = [await examplesOf('learned'), await examplesOf('heldOut')];
const batches = lengthBatches(learned, { batch: 16 });
const inOrder = lengthBatches(heldOut, { batch: 16, shuffle: false });
const steps = batches.batchesPerEpoch;
const settings = { learningRate: 2e-3, weightDecay: 0.01, warmupSteps: Math.ceil(steps / 10), clipNorm: 1 };

const model = await loadModel(base);
const manager = new LoraManager(model);
manager.add('dictionary', planAdapter({ rank: 8, alpha: 16, targetModules: ['q_proj', 'v_proj'] }, model.modules()));
const loss = (batch, context) => causalLoss(model, batch, context);
const adapter = await manager.adapter('dictionary');
await writeTask(out, { base, settings, adapter, batches, steps, heldOut: inOrder });

const before = await figures();
const started = performance.now();
const parameters = manager.parameters('dictionary');
for await (const event of train({ parameters, loss, batches, steps, ...settings })) {
  if (event.type === 'step-end' && event.step % 10 === 0)
    say(`step ${event.step} of ${steps}, loss ${event.loss.toFixed(4)}`);
}
const seconds = (performance.now() - started) / 1000;
await writePeft(`${out}/adapter`, await manager.adapter('dictionary'));
const after = await figures();

const count = (examples, pick) => examples.reduce((sum, example) => sum + pick(example), 0);
const tokens = count(learned, ({ ids }) => ids.length);
const targets = count(heldOut, (example) => example.targets.filter((target) => target !== -100).length);
const report = {
  words: learned.length,
  steps,
  tokens,
  seconds,
  heldOut: { words: heldOut.length, targets },
  before,
  after,
};
await writeFile(`${out}/report.json`, JSON.stringify(report, null, 2));
if (given.json) console.log(JSON.stringify(report));
say(`held-out loss ${before.loss.toFixed(4)} → ${after.loss.toFixed(4)} after ${tokens} tokens`);
manager.dispose();
model.dispose();
if (!(after.loss < before.loss)) process.exitCode = 1;

/** Goes through a file, as one's own data would: `lowrank train --data` reads the same. */
async function examplesOf(part) {
  await mkdir(out, { recursive: true });
  const path = `${out}/${part}.jsonl`;
  await writeFile(path, dictionary[part].map((messages) => `${JSON.stringify({ messages })}\n`).join(''));
  return encodeRecords(await readRecords([path]), { tokenizer, chatTemplate });
}

async function figures() {
  const answers = [];
  for (const [system, user] of dictionary.heldOut.slice(0, Number(given.answers))) {
    const prompt = chatTemplate.render([system, user], { addGenerationPrompt: true });
    let answer = '';
    for await (const piece of generate(model, tokenizer, { prompt, maxNewTokens: 48, temperature: 0 })) answer += piece;
    answers.push({ question: user.content, answer });
    say(`${user.content}\n  ${answer.replaceAll('\n', ' ')}`);
  }
  return { loss: await evaluateLoss({ loss, batches: inOrder }), answers };
}
