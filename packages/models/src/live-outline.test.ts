import { readJsonObject } from '@lowrank/formats';
import { loadClassifier, loadEncoder, loadModel, outlineOf, readOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { goldenGguf } from '../test/gguf.js';
import { goldenFolder } from '../test/golden.js';

const causal = readdirSync(goldenFolder('families')).filter((name) => !name.includes('.'));
const encoders = ['bert', 'bert-classifier', 'bert-options'];

/** A golden folder loaded as what it is. */
const load = (name: string, options = {}) =>
  encoders.includes(name)
    ? loadEncoder(goldenFolder(name), options)
    : loadModel(goldenFolder(`families/${name}`), options);

describe("a live model's outline", () => {
  for (const name of [...causal, ...encoders]) {
    it(`is that of its folder's headers and of its config alone: ${name}`, async () => {
      using model = await load(name);
      const folder = goldenFolder(encoders.includes(name) ? name : `families/${name}`);
      expect(model.outline).toEqual(await readOutline(folder));
      expect(model.outline).toEqual(outlineOf(await readJsonObject(join(folder, 'config.json'))));
      expect(model.outline.modules).toEqual(model.modules());
    });
  }

  it('counts a packed base as it is held, from a folder or a GGUF file', async () => {
    using nf4 = await load('qwen2', { quantise: 'nf4' });
    expect(nf4.outline).toEqual(await readOutline(goldenFolder('families/qwen2'), { quantise: 'nf4' }));
    const gguf = goldenGguf('quantised');
    using stored = await loadModel(gguf, { quantise: 'stored' });
    expect(stored.outline).toEqual(await readOutline(gguf, { quantise: 'stored' }));
  });

  it('has the head that a classifier is given, marked as fresh', async () => {
    using model = await loadClassifier(goldenFolder('bert'), { classNames: ['ham', 'spam'] });
    expect(model.outline.modules.filter(({ fresh }) => fresh).map(({ path }) => path)).toContain('classifier');
    expect(model.outline.pass.result).toBe('logits');
  });

  it('stays when its owner changes what was given', async () => {
    using model = await load('gpt2');
    const { modules } = model.outline;
    modules[0]!.parameters = 0;
    expect(model.outline.modules[0]!.parameters).toBeGreaterThan(0);
  });
});
