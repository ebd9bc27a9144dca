import { fileSource } from '@lowrank/formats';
import { loadEncoder, loadModel, readModules, type ModelFolder } from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { memory } from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { goldenFolder } from '../test/golden.js';
import { formats } from '../test/quantised.js';
import { withCopy } from '../test/scratch.js';
import { tensorsOf, writeTensors } from '../test/tensors-of.js';
import { tinyBase } from '../test/tiny-base.js';

/** The tensors of the embedded model that hold the most: a table and no more, in float32. */
const largestMatrix = 4 * 2048 * 256;

/** A folder that notes, as each part of a file is read, what is on the backend and what has been read unfinished. */
function watched(folder: string, notes: { bytes: number[]; lengths: number[]; reading: number; together: number }) {
  const open: ModelFolder['open'] = async (file) => {
    const source = await fileSource(join(folder, file));
    const read = async (offset: number, length: number) => {
      notes.bytes.push(memory().numBytes);
      notes.lengths.push(length);
      notes.together = Math.max(notes.together, ++notes.reading);
      try {
        return await source.read(offset, length);
      } finally {
        notes.reading--;
      }
    };
    return { ...source, read };
  };
  return { name: folder, open };
}

describe('loading a quantised base', () => {
  for (const quantise of formats) {
    it.onEachBackend(`reads one matrix at a time and keeps none of them in float32: ${quantise}`, async () => {
      const before = memory().numBytes;
      const notes = { bytes: [] as number[], lengths: [] as number[], reading: 0, together: 0 };
      using model = await loadModel(watched(tinyBase, notes), { quantise });
      const atRest = memory().numBytes - before;
      const seen = notes.bytes.map((bytes) => bytes - before);
      expect(seen.length).toBeGreaterThan(model.modules().length);
      // What is on the backend grows by what is packed, and by nothing else.
      expect(seen).toEqual(seen.toSorted((left, right) => left - right));
      expect(seen.at(-1)).toBeLessThan(atRest);
      expect([notes.together, Math.max(...notes.lengths) <= largestMatrix]).toEqual([1, true]);
    });
  }

  it('refuses a format that is none, naming those there are, and an option that is none', async () => {
    for (const load of [loadModel, readModules]) {
      const error = await errorOf(() => load(tinyBase, { quantise: 'fp4' as never }));
      expect(error).toMatchObject({ code: 'config-invalid', given: 'quantise: "fp4"' });
      expect(error.rule).toContain('int8, nf4, q4');
    }
    const misspelt = await errorOf(() => loadEncoder(goldenFolder('bert'), { quantize: 'int8' } as never));
    expect(misspelt).toMatchObject({ code: 'config-invalid', fix: 'nearest here: quantise' });
  });

  it('refuses a weight that is not finite, by name, and leaves nothing behind', () =>
    withCopy('llama-untied', async (folder) => {
      const path = join(folder, 'model.safetensors');
      const tensors = await tensorsOf(path);
      const name = 'model.layers.1.mlp.up_proj.weight';
      tensors.get(name)!.data[70] = NaN;
      await writeTensors(path, tensors);
      const error = await errorOf(() => loadModel(folder, { quantise: 'nf4' }));
      expect(error).toMatchObject({ code: 'not-finite', given: `"${name}": NaN in row 2 of a weight` });
    }));
});
