import { loadClassifier, loadEncoder, type EncoderModel } from '@lowrank/models';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from '../test/golden.js';
import { changeJson, withCopy } from '../test/scratch.js';
import { tensorsOf, writeTensors } from '../test/tensors-of.js';

const classNames = ['calm', 'glad', 'sad'];

function valuesAt(model: EncoderModel, path: string, part: 'weight' | 'bias'): Float32Array {
  return (model.get(path) as unknown as Record<string, Tensor>)[part]!.dataSync() as Float32Array;
}

function deviationOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}

describe('a classifier of an encoder without a head', () => {
  it('keeps its weights and gets a head: normal by initializer_range, biases 0, by the seed', async () => {
    using encoder = await loadEncoder(goldenFolder('bert'));
    using model = await loadClassifier(goldenFolder('bert'), { classNames, seed: 1 });
    using again = await loadClassifier(goldenFolder('bert'), { classNames, seed: 1 });
    using other = await loadClassifier(goldenFolder('bert'), { classNames, seed: 2 });
    expect(model.config.classNames).toEqual(classNames);
    const query = 'encoder.layer.1.attention.self.query';
    expect(valuesAt(model, `bert.${query}`, 'weight')).toEqual(valuesAt(encoder, query, 'weight'));
    expect(valuesAt(model, 'bert.pooler.dense', 'bias')).toEqual(valuesAt(encoder, 'pooler.dense', 'bias'));
    const [head, same, unlike] = [model, again, other].map((one) => valuesAt(one, 'classifier', 'weight'));
    expect(head).toEqual(same);
    expect(head).not.toEqual(unlike);
    // 90 draws of deviation 0.15, the golden's own range: five standard errors.
    expect(Math.abs(deviationOf(head!) / 0.15 - 1)).toBeLessThan(5 / Math.sqrt(2 * 90));
    expect([...valuesAt(model, 'classifier', 'bias')]).toEqual([0, 0, 0]);
    expect(model.modules().at(-1)).toMatchObject({ path: 'classifier', in: 30, out: 3, head: true });
  });

  it('gets a pooler too where it lacks one, at 0.02 where the config is silent', () =>
    withCopy('bert', async (folder) => {
      const file = join(folder, 'model.safetensors');
      const kept = [...(await tensorsOf(file))].filter(([name]) => !name.startsWith('pooler.'));
      await writeTensors(file, new Map(kept));
      await changeJson(join(folder, 'config.json'), { initializer_range: undefined });
      using encoder = await loadEncoder(folder);
      expect(encoder.modules().some(({ path }) => path.includes('pooler'))).toBe(false);
      using model = await loadClassifier(folder, { classNames });
      expect(Math.abs(deviationOf(valuesAt(model, 'bert.pooler.dense', 'weight')) / 0.02 - 1)).toBeLessThan(
        5 / Math.sqrt(2 * 900),
      );
      const fresh = model.modules().filter((module) => module.fresh);
      expect(fresh.map(({ path }) => path)).toEqual(['bert.pooler.dense', 'classifier']);
      const ids = tensor2d([[1, 2]], [1, 2], 'int32');
      const logits = model.classify({ ids });
      expect(logits.shape).toEqual([1, 3]);
      expect(logits.dataSync().every((value) => value !== 0 && Number.isFinite(value))).toBe(true);
      ids.dispose();
      logits.dispose();
    }));

  it('is refused without names, or with ones that are no names', async () => {
    const wrong: [string[] | undefined, RegExp][] = [
      [undefined, /without a head or names for its classes: a fresh head needs one name for each class/],
      [[], /classNames: \[\]/],
      [['spam'], /classNames: \["spam"\]: they are two names or more/],
      [['spam', 'spam'], /there twice/],
      [['spam', ''], /none of them empty/],
    ];
    for (const [names, message] of wrong) {
      const error = await errorOf(() => loadClassifier(goldenFolder('bert'), { classNames: names }));
      expect(error).toMatchObject({ code: 'config-invalid', message: expect.stringMatching(message) });
    }
  });
});

describe('a classifier with a head of its own', () => {
  const named = { id2label: { 0: 'calm', 1: 'glad', 2: 'sad' } };

  it('keeps head and names, and names without words of their own give way', async () => {
    await withCopy('bert-classifier', async (folder) => {
      const head = (await tensorsOf(join(folder, 'model.safetensors'))).get('classifier.weight')!.data;
      using renamed = await loadClassifier(folder, { classNames });
      expect(renamed.config.classNames).toEqual(classNames);
      expect([...valuesAt(renamed, 'classifier', 'weight')].sort()).toEqual([...head].sort());
      await changeJson(join(folder, 'config.json'), named);
      using model = await loadClassifier(folder);
      expect(model.config.classNames).toEqual(classNames);
      using same = await loadClassifier(folder, { classNames });
      expect(same.config.classNames).toEqual(classNames);
    });
  });

  it('is refused for other classes, and where its head is missing: it is not made up', () =>
    withCopy('bert-classifier', async (folder) => {
      const file = join(folder, 'model.safetensors');
      await changeJson(join(folder, 'config.json'), named);
      for (const other of [
        ['calm', 'sad', 'glad'],
        ['calm', 'glad'],
      ]) {
        const error = await errorOf(() => loadClassifier(folder, { classNames: other }));
        expect(error).toMatchObject({
          code: 'config-invalid',
          message: expect.stringContaining('["calm","glad","sad"]'),
        });
      }
      const kept = [...(await tensorsOf(file))].filter(([name]) => !name.startsWith('classifier.'));
      await writeTensors(file, new Map(kept));
      expect(await errorOf(() => loadClassifier(folder, { classNames }))).toMatchObject({
        code: 'file-invalid',
        message: expect.stringContaining('no tensor "classifier.weight"'),
      });
    }));

  it('is refused where its numbers have gaps', () =>
    withCopy('bert-classifier', async (folder) => {
      await changeJson(join(folder, 'config.json'), { id2label: { 0: 'a', 1: 'b', 3: 'c' } });
      const error = await errorOf(() => loadClassifier(folder));
      expect(error).toMatchObject({
        code: 'file-invalid',
        message: expect.stringContaining('it must go from "0" to "2"'),
      });
    }));
});

it('reads half a head as damage', () =>
  withFolder(async (folder) => {
    await cp(goldenFolder('bert'), folder, { recursive: true });
    const file = join(folder, 'model.safetensors');
    const kept = [...(await tensorsOf(file))].filter(([name]) => name !== 'pooler.dense.bias');
    await writeTensors(file, new Map(kept));
    const error = await errorOf(() => loadClassifier(folder, { classNames }));
    expect(error).toMatchObject({ code: 'file-invalid', message: expect.stringContaining('pooler.dense.bias') });
  }));
