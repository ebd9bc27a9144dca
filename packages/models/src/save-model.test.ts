import { readPeft } from '@lowrank/formats';
import { loadModel, loadTokenizer, saveModel, type CausalModel } from '@lowrank/models';
import { describe, errorOf, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apply } from '../test/adapter.js';
import { asciiLetters, writeTokenizer } from '../test/byte-tokenizer.js';
import { golden, goldenFolder, idsTensor } from '../test/golden.js';
import { withCopy } from '../test/scratch.js';
import { tensorsOf } from '../test/tensors-of.js';

const tied = goldenFolder('llama-tied');
const untied = goldenFolder('llama-untied');

async function logitsOf(model: CausalModel): Promise<Float32Array> {
  const input = idsTensor((await golden('llama-untied')).ids);
  const output = model.forward(input);
  const values = output.dataSync().slice() as Float32Array;
  input.dispose();
  output.dispose();
  return values;
}

describe('saveModel', () => {
  for (const from of [tied, untied]) {
    it.onEachBackend(`gives back every bit of ${from.split('/').at(-1)}`, () =>
      withFolder(async (folder) => {
        const to = join(folder, 'new', 'model');
        using model = await loadModel(from);
        await saveModel(model, { from, to });
        const [bytes, theirs] = await Promise.all(
          [to, from].map((place) => readFile(join(place, 'model.safetensors'))),
        );
        expect(bytes!.equals(theirs!)).toBe(true);
        const config = (place: string) => readFile(join(place, 'config.json'), 'utf8').then(JSON.parse);
        expect(await config(to)).toEqual(await config(from));
        expect((await readdir(to)).sort()).toEqual(['config.json', 'generation_config.json', 'model.safetensors']);
      }),
    );
  }

  it.onEachBackend('writes a merged adapter into the weights', () =>
    withFolder(async (to) => {
      using model = await loadModel(untied);
      using layers = apply(await readPeft(goldenFolder('peft-adapter')), model);
      for (const layer of layers.values()) await layer.merge();
      await saveModel(model, { from: untied, to });
      using saved = await loadModel(to);
      expect(Array.from(await logitsOf(saved))).toEqual(Array.from(await logitsOf(model)));
      const { logits } = await golden('peft-adapter');
      expectClose(await logitsOf(saved), logits, { atol: 1e-5, because: 'float32 sums in another order than torch' });
    }),
  );

  it('says in the config which dtype it wrote, in the spelling it found, and takes the tokenizer along', () =>
    withCopy('llama-tied', async (from) => {
      await writeTokenizer(from, { tokens: asciiLetters });
      using model = await loadModel(from);
      for (const [dtype, name] of [
        ['F16', 'float16'],
        ['BF16', 'bfloat16'],
      ] as const) {
        await withFolder(async (to) => {
          await saveModel(model, { from, to, dtype });
          expect(JSON.parse(await readFile(join(to, 'config.json'), 'utf8'))).toMatchObject({ dtype: name });
          const size = (await readFile(join(to, 'model.safetensors'))).length;
          expect(size).toBeLessThan(0.6 * (await readFile(join(from, 'model.safetensors'))).length);
          expect((await loadTokenizer(to)).encode('ab')).toEqual([66, 67]);
        });
      }
    }));

  it('splits weights into shards that load as the whole does, and takes older weights away', () =>
    withFolder(async (to) => {
      using model = await loadModel(untied);
      await saveModel(model, { from: untied, to });
      await saveModel(model, { from: untied, to, maxShardSize: 30_000 });
      const files = (await readdir(to)).filter((name) => name.includes('safetensors'));
      expect(files.sort()).toEqual([
        ...[1, 2, 3, 4].map((shard) => `model-0000${shard}-of-00004.safetensors`),
        'model.safetensors.index.json',
      ]);
      using saved = await loadModel(to);
      expect(Array.from(await logitsOf(saved))).toEqual(Array.from(await logitsOf(model)));
      await saveModel(model, { from: untied, to });
      expect((await readdir(to)).filter((name) => name.includes('safetensors'))).toEqual(['model.safetensors']);
    }));

  it('refuses to leave an active adapter out, and writes the base once it is off', () =>
    withFolder(async (folder) => {
      const to = join(folder, 'out');
      using model = await loadModel(untied);
      using layers = apply(await readPeft(goldenFolder('peft-adapter')), model);
      const error = await errorOf(() => saveModel(model, { from: untied, to }));
      expect(error).toMatchObject({ code: 'adapter-mismatch', rule: expect.stringContaining('not merged') });
      expect(await readdir(folder)).toEqual([]);
      for (const layer of layers.values()) layer.enabled = false;
      await saveModel(model, { from: untied, to });
      expect(await tensorsOf(join(to, 'model.safetensors'))).toEqual(
        await tensorsOf(join(untied, 'model.safetensors')),
      );
    }));

  it('refuses to write over its source, under whatever name', () =>
    withCopy('llama-tied', async (from) => {
      using model = await loadModel(from);
      await symlink(from, join(from, 'alias'));
      for (const to of [from, `${from}/../${from.split('/').at(-1)}`, join(from, 'alias')]) {
        expect(await errorOf(() => saveModel(model, { from, to }))).toMatchObject({
          code: 'file-unwritable',
          given: to,
        });
      }
    }));

  it('says so when it cannot write, and leaves an earlier model as it was', () =>
    withFolder(async (to) => {
      using model = await loadModel(tied);
      await saveModel(model, { from: tied, to });
      await rm(join(to, 'config.json'));
      await mkdir(join(to, 'config.json')); // the last file cannot take its place
      const before = await readFile(join(to, 'model.safetensors'));
      const error = await errorOf(() => saveModel(model, { from: tied, to, dtype: 'F16' }));
      expect(error).toMatchObject({ code: 'file-unwritable', given: join(to, 'config.json') });
      expect(await readFile(join(to, 'model.safetensors'))).toEqual(before);
      await writeFile(join(to, 'taken'), '');
      const below = join(to, 'taken', 'below');
      expect(await errorOf(() => saveModel(model, { from: tied, to: below }))).toMatchObject({ given: below });
    }));

  it('refuses weights that the dtype cannot hold, and a source without a config', () =>
    withFolder(async (to) => {
      using model = await loadModel(tied);
      expect(await errorOf(() => saveModel(model, { from: to, to: `${to}/new` }))).toMatchObject({
        code: 'file-missing',
      });
      const { weight } = model.get('model.norm') as unknown as { weight: { dataSync(): Float32Array } };
      weight.dataSync().fill(1e6); // cpu gives its own array
      const error = await errorOf(() => saveModel(model, { from: tied, to, dtype: 'F16' }));
      expect(error).toMatchObject({ code: 'not-finite', given: expect.stringContaining('model.norm.weight') });
      expect(await readdir(to)).toEqual([]);
    }));
});
