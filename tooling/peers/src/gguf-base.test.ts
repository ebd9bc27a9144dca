import { describe, expect, it, withFolder } from '@lowrank/testing';
import { fileSource, openSafetensors } from '@lowrank/formats';
import { loadTokenizer } from '@lowrank/models';
import { join } from 'node:path';
import { smolLm2File } from '../provide-models.mjs';
import { hasLlamaCpp, llamaCpp, llamaCppTokens } from './llama-cpp.js';
import { hasPackage, runPython } from './python.js';
import { hasSmolLm2, loadOnWasm, logitsOf, passage } from './smollm2.js';
import { trickyTexts } from './tricky-texts.js';

const timeout = 300_000;
const vocab = 49152;

describe.runIf(hasSmolLm2)('SmolLM2-135M-Instruct in Q4_1', () => {
  it.runIf(hasPackage('transformers'))(
    'has the logits of Transformers, which dequantises it, within 1e-5 of the largest',
    () =>
      withFolder(async (folder) => {
        const ids = (await loadTokenizer(smolLm2File)).encode(passage);
        const out = join(folder, 'logits.safetensors');
        expect(await runPython('gguf_logits.py', smolLm2File, JSON.stringify(ids), out)).toEqual([ids.length, vocab]);
        const file = await openSafetensors(await fileSource(out));
        const { data: theirs } = await file.read('logits');
        await file.close();
        using model = await loadOnWasm(smolLm2File);
        expect(worstOf(await logitsOf(model, ids), theirs)).toBeLessThan(1e-5);
      }),
    timeout,
  );

  it.runIf(hasLlamaCpp && hasPackage('gguf'))(
    'has the log-probabilities that llama.cpp gives the same weights in F32, within 1e-3',
    () =>
      withFolder(async (folder) => {
        const ids = (await loadTokenizer(smolLm2File)).encode(passage).slice(0, 16);
        const base = join(folder, 'f32.gguf');
        await runPython('requantise_gguf.py', smolLm2File, base, 'F32');
        const [theirs] = await llamaCpp({ base, sequences: [ids] });
        using model = await loadOnWasm(smolLm2File);
        const logits = await logitsOf(model, ids);
        const distances = theirs!.map((row, at) => {
          const ours = logProbabilities(logits.subarray(at * vocab, (at + 1) * vocab));
          return Math.max(...row.map((value, id) => (value < 1e-6 ? 0 : Math.abs(ours[id]! - Math.log(value)))));
        });
        expect(distances).toHaveLength(ids.length);
        expect(Math.max(...distances)).toBeLessThan(1e-3);
      }),
    timeout,
  );

  it.runIf(hasLlamaCpp)(
    'cuts awkward texts into the ids that llama.cpp cuts them into',
    async () => {
      const tokenizer = await loadTokenizer(smolLm2File);
      const theirs = await llamaCppTokens(smolLm2File, trickyTexts);
      expect(trickyTexts.map((text) => tokenizer.encode(text))).toEqual(theirs);
      for (const text of trickyTexts) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    },
    timeout,
  );
});

/** The largest difference, as a share of the largest logit. */
function worstOf(ours: Float32Array, theirs: Float32Array): number {
  let [worst, largest] = [0, 0];
  for (const [index, value] of theirs.entries()) {
    worst = Math.max(worst, Math.abs(value - (ours[index] as number)));
    largest = Math.max(largest, Math.abs(value));
  }
  return ours.length === theirs.length ? worst / largest : Infinity;
}

function logProbabilities(logits: Float32Array): number[] {
  const most = logits.reduce((found, value) => Math.max(found, value), -Infinity);
  const total = Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0));
  return Array.from(logits, (value) => value - most - total);
}
