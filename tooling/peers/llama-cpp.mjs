// llama.cpp in a process of its own: `node llama-cpp.mjs <request as JSON>` prints what `src/llama-cpp.ts` says.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { llamaCppFolder } from './provide-llama-cpp.mjs';

const { base, adapter, sequences = [], texts = [], contextSize = 64 } = JSON.parse(process.argv[2]);
const entry = createRequire(join(llamaCppFolder, 'package.json')).resolve('node-llama-cpp');
const { getLlama } = await import(pathToFileURL(entry).href);

const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error', progressLogs: false });
const model = await llama.loadModel({ modelPath: base, gpuLayers: 0 });
const tokens = texts.map((text) => [...model.tokenize(text, true)]);
const context = await model.createContext({
  contextSize,
  flashAttention: false,
  experimentalKvCacheKeyType: 'F32',
  experimentalKvCacheValueType: 'F32',
  ...(adapter && { lora: { adapters: [{ filePath: adapter, scale: 1 }] } }),
});
const sequence = context.getSequence();
const all = { generateNext: { probabilities: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } } };

const results = [];
for (const ids of sequences) {
  await sequence.clearHistory();
  const outputs = await sequence.controlledEvaluate(ids.map((id) => [id, all]));
  results.push(
    outputs.map(({ next: { probabilities } }) => {
      const row = [];
      for (const [id, probability] of probabilities) row[id] = probability;
      return row;
    }),
  );
}
process.stdout.write(`\n${JSON.stringify({ tokens, results })}`, () => process.exit(0));
