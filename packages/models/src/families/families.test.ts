import { KvCache, loadModel, readModules, saveModel, type CausalModel } from '@lowrank/models';
import { describe, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { concat, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder, idsTensor } from '../../test/golden.js';
import { tensorsOf } from '../../test/tensors-of.js';

const because = 'two or three layers of float32 sums in another order than torch, of logits up to 5';
const families = goldenFolder('families');
const names = readdirSync(families).filter((name) => !name.includes('.'));
const ids: number[][] = JSON.parse(await readFile(join(families, 'ids.json'), 'utf8'));

const logitsOf = async (name: string) =>
  (await tensorsOf(join(families, name, 'expected.safetensors'))).get('logits')!.data;

/** The logits of reading the ids in parts, which a cache joins. */
function inParts(model: CausalModel, parts: number[]): Tensor {
  using cache = new KvCache();
  return tidy(() => {
    let from = 0;
    const outputs = parts.map((count) => {
      const part = idsTensor(ids.map((row) => row.slice(from, from + count)));
      from += count;
      return model.forward(part, undefined, cache);
    });
    return concat(outputs, 1);
  });
}

it('there are goldens of every causal family', () => {
  expect(new Set(names.map((name) => name.split('-')[0]))).toEqual(new Set(['gpt2', 'llama', 'mistral', 'qwen2']));
  expect(names).toHaveLength(27);
});

for (const name of names) {
  describe(name, () => {
    const folder = join(families, name);

    it.onEachBackend("gives transformers' logits", async () => {
      using model = await loadModel(folder);
      const input = idsTensor(ids);
      const output = model.forward(input);
      expectClose(output, await logitsOf(name), { atol: 2e-5, because });
      input.dispose();
      output.dispose();
    });

    // Where its length changes how a text is turned, a cache holds keys that were turned for a shorter one.
    if (name !== 'llama-dynamic') {
      it('gives them reading in parts through a cache', async () => {
        using model = await loadModel(folder);
        for (const parts of [[9, 1, 1, 1, 8], [3, 17], Array<number>(20).fill(1)]) {
          const output = inParts(model, parts);
          expectClose(output, await logitsOf(name), { atol: 2e-5, because });
          output.dispose();
        }
      });
    }

    it('tells its modules from headers, and is saved as it came', async () => {
      using model = await loadModel(folder);
      expect(await readModules(folder)).toEqual(model.modules());
      await withFolder(async (to) => {
        await saveModel(model, { from: folder, to, dtype: 'BF16' });
        const [ours, theirs] = await Promise.all([to, folder].map((at) => tensorsOf(join(at, 'model.safetensors'))));
        expect(ours).toEqual(withoutBuffers(theirs!));
      });
    });
  });
}

/** The tensors of a file of GPT-2's own, under the names that transformers gives them. */
function withoutBuffers<Value>(tensors: Map<string, Value>): Map<string, Value> {
  const kept = [...tensors].filter(([name]) => !/^h\.\d+\.attn\.(masked_)?bias$/.test(name));
  return new Map(kept.map(([name, value]) => [/^(h|w.e|ln_f)\./.test(name) ? `transformer.${name}` : name, value]));
}
