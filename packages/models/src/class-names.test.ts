import { readPeft, writePeft } from '@lowrank/formats';
import { loadClassifier, readClassNames, saveModel, writeClassNames } from '@lowrank/models';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from '../test/golden.js';

const classNames = ['ham', 'spam', 'Größe'];
const maps = { id2label: { 0: 'ham', 1: 'spam', 2: 'Größe' }, label2id: { ham: 0, spam: 1, Größe: 2 } };
const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

describe('class names', () => {
  it('go into the config of a saved model, which loads as what it is', () =>
    withFolder(async (folder) => {
      const from = goldenFolder('bert');
      const to = join(folder, 'saved');
      using model = await loadClassifier(from, { classNames, seed: 3 });
      await saveModel(model, { from, to });
      expect(await json(join(to, 'config.json'))).toEqual({
        ...(await json(join(from, 'config.json'))),
        ...maps,
        architectures: ['BertForSequenceClassification'],
      });
      using again = await loadClassifier(to);
      expect(again.config.classNames).toEqual(classNames);
      await saveModel(again, { from: to, to: join(folder, 'again') });
      const [first, second] = await Promise.all(
        ['saved', 'again'].map((name) => readFile(join(folder, name, 'model.safetensors'))),
      );
      expect(first!.equals(second!)).toBe(true);
    }));

  it('lie beside an adapter as a transformers config has them, and leave the adapter alone', () =>
    withFolder(async (folder) => {
      const adapter = await readPeft(goldenFolder('peft-adapter'));
      await writePeft(folder, adapter);
      await writeClassNames(folder, classNames);
      expect(await json(join(folder, 'classes.json'))).toEqual(maps);
      expect(await readClassNames(folder)).toEqual(classNames);
      expect(await readPeft(folder)).toEqual(adapter);
    }));

  it('are refused where they cannot be', () =>
    withFolder(async (folder) => {
      expect(await errorOf(() => readClassNames(folder))).toMatchObject({ code: 'file-missing' });
      expect(await errorOf(() => writeClassNames(folder, ['spam', 'spam']))).toMatchObject({ code: 'config-invalid' });
      for (const labels of [{ 0: 'a', 2: 'b' }, { 0: 'a', 1: 'a' }, { 0: 'a', 1: 1 }, ['a', 'b']]) {
        await writeFile(join(folder, 'classes.json'), JSON.stringify({ id2label: labels }));
        expect(await errorOf(() => readClassNames(folder))).toMatchObject({ code: 'file-invalid' });
      }
    }));
});
