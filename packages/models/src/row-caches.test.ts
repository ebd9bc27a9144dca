import { KvCache, loadModel } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { goldenFolder } from '../test/golden.js';

describe('a cache for each row', () => {
  for (const family of ['llama-untied', 'families/gpt2', 'families/mistral', 'families/llama-dynamic']) {
    it.onEachBackend(`gives rows of different lengths what each gives alone: ${family}`, async () => {
      using model = await loadModel(goldenFolder(family));
      const prompts = [[5, 6, 7, 8, 9], [3], [11, 12, 13]];
      const last = (ids: number[][], caches: KvCache[]) =>
        tidy(() => {
          const logits = model.forward(tensor2d(ids, undefined, 'int32'), undefined, caches);
          return (logits.arraySync() as number[][][]).map((row) => row.at(-1) as number[]);
        });
      const caches = prompts.map(() => new KvCache());
      prompts.forEach((ids, row) => last([ids], [caches[row] as KvCache]));
      const together = last([[20], [21], [22]], caches);
      expect(caches.map(({ length }) => length)).toEqual([6, 2, 4]);
      for (const [row, ids] of prompts.entries()) {
        using cache = new KvCache();
        const alone = last([[...ids, 20 + row]], [cache])[0] as number[];
        const far = Math.max(...alone.map((logit, id) => Math.abs(logit - (together[row]![id] as number))));
        expect(far, 'sums of float32 in another order').toBeLessThan(1e-4);
      }
      for (const cache of caches) cache.dispose();
    });
  }
});
