import { loadModel, readModules } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';
import { memory, tidy } from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { idsTensor } from '../test/golden.js';
import { withCopy } from '../test/scratch.js';
import { tensorsOf, writeTensors } from '../test/tensors-of.js';
import { tinyBase } from '../test/tiny-base.js';

const ids = [[5, 9, 17, 3, 3, 30]];

/** A golden folder as one that is published in 16 bits. */
const inHalf = (name: string, dtype: 'F16' | 'BF16', body: (folder: string) => Promise<void>) =>
  withCopy(name, async (folder) => {
    const path = join(folder, 'model.safetensors');
    await writeTensors(path, await tensorsOf(path), dtype);
    await body(folder);
  });

const formats = [
  ['bf16', 'BF16'],
  ['f16', 'F16'],
] as const;

describe('a base in 16 bits', () => {
  for (const [quantise, dtype] of formats) {
    for (const name of ['llama-untied', 'llama-tied', 'families/gpt2']) {
      it.onEachBackend(`computes as the dense one, to the bit, where ${name} is published in ${dtype}`, () =>
        inHalf(name, dtype, async (folder) => {
          using model = await loadModel(folder, { quantise });
          using dense = await loadModel(folder);
          const [ours, theirs] = [model, dense].map((each) => {
            const output = tidy(() => each.forward(idsTensor(ids)));
            const values = output.dataSync().slice();
            output.dispose();
            return values;
          });
          expect(ours).toEqual(theirs);
        }),
      );
    }
  }

  it.onEachBackend('takes 2 bytes a parameter and 4 a row of each matrix, as its modules say', async () => {
    const before = memory().numBytes;
    using model = await loadModel(tinyBase, { quantise: 'bf16' });
    const bytes = memory().numBytes - before;
    const modules = model.modules();
    const sum = (of: 'bytes' | 'parameters') => modules.reduce((total, module) => total + module[of], 0);
    expect(bytes).toBe(sum('bytes'));
    expect(bytes / sum('parameters')).toBeGreaterThan(2);
    expect(bytes / sum('parameters')).toBeLessThan(2.02);
    expect(await readModules(tinyBase, { quantise: 'bf16' })).toEqual(modules);
  });
});
