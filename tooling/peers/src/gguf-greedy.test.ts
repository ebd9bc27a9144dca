import type { Adapter } from '@lowrank/core';
import { writeGgufAdapter } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { loadTokenizer, type CausalModel } from '@lowrank/models';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { join } from 'node:path';
import { smolLm2File } from '../provide-models.mjs';
import { hasLlamaCpp, llamaCppBest, type Best } from './llama-cpp.js';
import { asked, trainPirate } from './pirate.js';
import { hasSmolLm2, loadOnWasm, logitsOf } from './smollm2.js';

const vocab = 49152;

/** None of them was trained on. */
const questions = ['What is the moon?', 'How do I learn to swim?', 'Who was Napoleon?', 'Tell me about bread.'];

/** The most probable id at each position from `from` on. */
async function ourBest(model: CausalModel, ids: number[], from: number, adapter?: Adapter): Promise<number[]> {
  using manager = new LoraManager(model);
  if (adapter) manager.add('pirate', adapter);
  const logits = await logitsOf(model, ids);
  return ids.slice(from).map((_, index) => {
    const row = logits.subarray((from + index) * vocab, (from + index + 1) * vocab);
    return row.reduce((best, value, id) => (value > (row[best] as number) ? id : best), 0);
  });
}

const first = (rows: Best[], from: number) => rows.slice(from).map(([best]) => best?.[0]);

describe.runIf(hasSmolLm2 && hasLlamaCpp)('an adapter trained here on SmolLM2-135M in Q4_1', () => {
  it(
    "changes llama.cpp's greedy output the way it changes ours: at 95 % or more of 204 positions",
    () =>
      withFolder(async (folder) => {
        const tokenizer = await loadTokenizer(smolLm2File);
        using model = await loadOnWasm(smolLm2File);
        const adapter = await trainPirate(model, tokenizer);
        const path = join(folder, 'pirate.gguf');
        await writeGgufAdapter(path, adapter, { architecture: 'llama', heads: 9, keyValueHeads: 3 });

        const prompts = questions.map((question) => tokenizer.encode(asked(question)));
        const request = { base: smolLm2File, contextSize: 128, best: 1 };
        const theirs = await llamaCppBest({ ...request, adapter: path, sequences: prompts, greedy: 50 });
        // What llama.cpp wrote, which both now read again: with the adapter it is their own choice at each place.
        const texts = prompts.map((ids, index) => [
          ...ids,
          ...(first(theirs[index]!, ids.length - 1).slice(0, -1) as number[]),
        ]);
        const theirBases = await llamaCppBest({ ...request, sequences: texts });
        const counts = { positions: 0, adapted: 0, changed: 0, changedAlike: 0 };
        for (const [index, ids] of texts.entries()) {
          const from = prompts[index]!.length - 1;
          const [ours, base] = [await ourBest(model, ids, from, adapter), await ourBest(model, ids, from)];
          const [chosen, theirBase] = [first(theirs[index]!, from), first(theirBases[index]!, from)];
          for (const [at, id] of chosen.entries()) {
            counts.positions++;
            counts.adapted += Number(ours[at] === id);
            if (theirBase[at] === id) continue;
            counts.changed++;
            counts.changedAlike += Number(ours[at] === id && base[at] !== id);
          }
        }
        expect(counts.positions).toBe(204);
        expect(counts.changed).toBeGreaterThan(50);
        expect(counts.adapted / counts.positions).toBeGreaterThanOrEqual(0.95);
        expect(counts.changedAlike / counts.changed).toBeGreaterThanOrEqual(0.9);
        console.log(JSON.stringify(counts));
      }),
    600_000,
  );
});
