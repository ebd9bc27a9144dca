// Serves 100 adapters on one all-MiniLM-L6-v2: each row of a batch goes through its own, beside merged copies of the model.
import { parseArgs } from 'node:util';
import { wasm } from '@lowrank/backend-wasm';
import { planAdapter, useBackend } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { loadEncoder, loadTokenizer } from '@lowrank/models';
import { miniLm } from '@lowrank/peers/provide-models.mjs';
import { dispose, memory, tensor2d } from '@tensorflow/tfjs-core';
import { largestDifference, medians, sentences, trained } from './parts.mjs';

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values: given } = parseArgs({
  options: {
    adapters: number(100),
    batch: number(32), // rows of a mixed batch, each through another adapter
    copies: number(10), // merged copies of the model that are really made
    rounds: number(9), // of which the median is taken
    json: { type: 'boolean', default: false },
  },
});
const [adapters, batch, copies, rounds] = [given.adapters, given.batch, given.copies, given.rounds].map(Number);
const say = (line) => given.json || console.log(line);
const megabytes = (bytes) => Number((bytes / 1e6).toFixed(1));

await useBackend(wasm());
const folder = miniLm();
const [model, tokenizer] = [await loadEncoder(folder), await loadTokenizer(folder)];
const bytesOfBase = memory().numBytes;

const manager = new LoraManager(model);
const plan = planAdapter({ rank: 8, alpha: 16, targetModules: ['query', 'value'] }, model.modules());
const names = Array.from({ length: adapters }, (_, at) => `customer ${at}`);
for (const name of names) {
  manager.add(name, plan);
  trained(manager.parameters(name), name);
}
manager.activate(undefined);
const bytesOfAdapters = memory().numBytes - bytesOfBase;
say(`base ${megabytes(bytesOfBase)} MB, ${adapters} adapters ${megabytes(bytesOfAdapters)} MB`);

const encoded = sentences(batch).map((text) => tokenizer.encodeSequence(text, { maxLength: 32 }));
const seq = Math.max(...encoded.map(({ ids }) => ids.length));
const rowsOf = (part) => ({
  ids: tensor2d(
    part.flatMap(({ ids }) => padded(ids)),
    [part.length, seq],
    'int32',
  ),
  mask: tensor2d(
    part.flatMap(({ ids }) => padded(ids.map(() => 1))),
    [part.length, seq],
  ),
});
const padded = (values) => [...values, ...Array.from({ length: seq - values.length }, () => 0)];

/** One pass, until its states are here. */
async function pass(host, input, context) {
  const states = host.forward(input, context);
  const values = await states.data();
  states.dispose();
  return values;
}

const input = rowsOf(encoded);
const perRow = encoded.map((_, row) => names[row % adapters]);
const times = await medians(rounds, {
  baseAlone: () => pass(model, input),
  oneAdapter: () => manager.withActive(names[0], () => pass(model, input)),
  mixedBatch: () => pass(model, input, manager.forRows(perRow)),
  oneByOne: async () => {
    for (const [row, name] of perRow.entries()) {
      const one = rowsOf([encoded[row]]);
      await manager.withActive(name, () => pass(model, one));
      dispose(one);
    }
  },
});
say(
  `a batch of ${batch} rows of ${seq} tokens, base alone: ${times.baseAlone} ms, one adapter: ${times.oneAdapter} ms`,
);
say(`each row through another adapter: ${times.mixedBatch} ms; the same rows one by one: ${times.oneByOne} ms`);

const two = await Promise.all([names[0], names.at(-1)].map((name) => manager.adapter(name)));
let turn = 0;
const { swap } = await medians(50, { swap: () => manager.swap(names[0], two[++turn % 2]) });
manager.swap(names[0], two[0]);
say(`hot-swap of an adapter's ${plan.modules.length} modules: ${swap} ms`);

const some = rowsOf(encoded.slice(0, copies));
const together = await pass(model, some, manager.forRows(perRow.slice(0, copies)));
const before = memory().numBytes;
const merged = [];
for (const name of perRow.slice(0, copies)) merged.push(await mergedCopy(name));
const bytesPerCopy = (memory().numBytes - before) / copies;
const singles = encoded.slice(0, copies).map((one) => rowsOf([one]));
const passes = async () => {
  const outputs = [];
  for (const [at, copy] of merged.entries()) outputs.push(await pass(copy.model, singles[at]));
  return outputs;
};
const difference = largestDifference(
  together,
  (await passes()).flatMap((output) => [...output]),
);
const inOnePass = () => pass(model, some, manager.forRows(perRow.slice(0, copies)));
Object.assign(times, await medians(rounds, { inOnePass, mergedCopies: passes }));
say(`a merged copy: ${megabytes(bytesPerCopy)} MB, measured over ${copies}`);
say(
  `${copies} rows through ${copies} adapters in one pass: ${times.inOnePass} ms; through ${copies} merged copies: ${times.mergedCopies} ms`,
);
say(`largest difference of the two: ${difference.toExponential(1)}`);

const sizes = { adapters, batch, copies, seq, rank: 8, modules: plan.modules.length };
const bytes = { base: bytesOfBase, adapters: bytesOfAdapters, perMergedCopy: Math.round(bytesPerCopy) };
if (given.json) console.log(JSON.stringify({ ...sizes, bytes, milliseconds: { ...times, swap }, difference }));

for (const { model: copy, owned } of merged) {
  owned.dispose();
  copy.dispose();
}
manager.dispose();
model.dispose();

/** A model of its own with an adapter's weights in its own, and no adapter. */
async function mergedCopy(name) {
  const copy = await loadEncoder(folder);
  const own = new LoraManager(copy);
  own.add(name, await manager.adapter(name));
  return { model: copy, owned: await own.mergeAndUnload() };
}
