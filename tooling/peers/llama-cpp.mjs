// llama.cpp in a process of its own: `node llama-cpp.mjs <request as JSON>` prints what `src/llama-cpp.ts` says.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { llamaCppFolder } from './provide-llama-cpp.mjs';

const { base, adapter, sequences = [], texts = [], contextSize = 64, best, greedy } = JSON.parse(process.argv[2]);
const entry = createRequire(join(llamaCppFolder, 'package.json')).resolve('node-llama-cpp');
const { getLlama } = await import(pathToFileURL(entry).href);

const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error', progressLogs: false });
const model = await llama.loadModel({ modelPath: base, gpuLayers: 0 });
const tokens = texts.map((text) => [...model.tokenize(text, true)]);
const context = await model.createContext({
  contextSize,
  // More of them wait for each other in circles where others compute too.
  threads: 1,
  flashAttention: false,
  experimentalKvCacheKeyType: 'F32',
  experimentalKvCacheValueType: 'F32',
  ...(adapter && { lora: { adapters: [{ filePath: adapter, scale: 1 }] } }),
});
const sequence = context.getSequence();
const all = { generateNext: { probabilities: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } } };

/** `[position][id]`, or `[position]` of the `best` most probable as `[id, probability]`. */
async function probabilitiesOf(ids) {
  const outputs = await sequence.controlledEvaluate(ids.map((id) => [id, all]));
  return outputs.map(({ next: { probabilities } }) => {
    const pairs = [...probabilities];
    if (best) return pairs.sort(([, one], [, other]) => other - one).slice(0, best);
    const row = [];
    for (const [id, probability] of pairs) row[id] = probability;
    return row;
  });
}

const results = [];
for (const ids of sequences) {
  await sequence.clearHistory();
  const rows = await probabilitiesOf(ids);
  for (let made = 0; made < (greedy ?? 0); made++) {
    const [[id]] = rows.at(-1);
    rows.push(...(await probabilitiesOf([id])));
  }
  results.push(rows);
}
process.stdout.write(`\n${JSON.stringify({ tokens, results })}`, () => process.exit(0));
