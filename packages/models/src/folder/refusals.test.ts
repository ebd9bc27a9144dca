import { loadModel, readModules } from '@lowrank/models';
import type { LowrankError, PlainTensor } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from '../../test/golden.js';
import { withCopy } from '../../test/scratch.js';
import { tensorsOf, writeTensors } from '../../test/tensors-of.js';

const single = 'model.safetensors';
const index = 'model.safetensors.index.json';
const query = 'model.layers.0.self_attn.q_proj.weight';

/** Loads a golden after a change to its folder, both whole and by its headers; gives the error that both throw. */
async function errorAfter(change: (folder: string) => Promise<unknown>, name = 'llama-untied'): Promise<LowrankError> {
  let error: LowrankError | undefined;
  await withCopy(name, async (folder) => {
    await change(folder);
    error = await errorOf(() => loadModel(folder));
    expect((await errorOf(() => readModules(folder))).message).toBe(error.message);
  });
  return error as LowrankError;
}

const withTensors = (change: (tensors: Map<string, PlainTensor>) => void) => async (folder: string) => {
  const tensors = await tensorsOf(join(folder, single));
  change(tensors);
  await writeTensors(join(folder, single), tensors);
};

const withIndex = (json: unknown) => async (folder: string) => {
  await rm(join(folder, single));
  await writeFile(join(folder, index), JSON.stringify(json));
};

describe('loading refuses, and leaves nothing behind,', () => {
  it('a folder that is not there, or a file in its place', async () => {
    for (const path of ['/no/such/folder', `${goldenFolder('llama-tied')}/config.json`]) {
      const error = await errorOf(() => loadModel(path));
      expect(error).toMatchObject({ code: 'file-missing', given: `"${path}"` });
    }
  });

  for (const file of ['config.json', single]) {
    it(`a folder without ${file}`, async () => {
      const error = await errorAfter((folder) => rm(join(folder, file)));
      expect(error).toMatchObject({ code: 'file-missing', rule: expect.stringContaining(file) });
    });

    it(`a folder in the place of ${file}`, async () => {
      const error = await errorAfter(async (folder) => {
        await rm(join(folder, file));
        await mkdir(join(folder, file));
      });
      expect(error).toMatchObject({ code: 'file-invalid', given: expect.stringContaining(file) });
    });
  }

  it('weights that end early, naming the file', async () => {
    for (const length of [0, 7, 100, 20_000]) {
      const error = await errorAfter((folder) => truncate(join(folder, single), length));
      expect(error.code).toBe('file-invalid');
      expect(error.given).toContain(single);
    }
  });

  it('weights without a tensor that the config asks for, with the nearest names', async () => {
    const misnamed = withTensors((tensors) => {
      tensors.set(query.replace('q_proj', 'qproj'), tensors.get(query)!);
      tensors.delete(query);
    });
    const error = await errorAfter(misnamed);
    expect(error).toMatchObject({ code: 'file-invalid', given: expect.stringContaining(`no tensor "${query}"`) });
    expect(error.fix).toBe('nearest here: model.layers.0.self_attn.qproj.weight');
  });

  it('weights with a tensor that nothing uses, with the nearest names', async () => {
    const extra = { shape: [1], data: new Float32Array(1) };
    const error = await errorAfter(withTensors((tensors) => tensors.set('model.norm.bias', extra)));
    expect(error).toMatchObject({ code: 'file-invalid', rule: 'nothing in config.json uses it' });
    expect(error.given).toMatch(/model\.safetensors: tensor "model\.norm\.bias"$/);
    expect(error.fix).toMatch(/^nearest here: model\.norm\.weight/);
  });

  it('weights of another shape, whole numbers for weights, and no weights at all', async () => {
    const long = { shape: [33], data: new Float32Array(33) };
    const error = await errorAfter(withTensors((tensors) => tensors.set('model.norm.weight', long)));
    expect(error).toMatchObject({ code: 'file-invalid', rule: 'config.json makes it [32]' });
    expect(error.given).toMatch(/model\.safetensors: "model\.norm\.weight" is \[33\]$/);

    const whole = await errorAfter(async (folder) => {
      const bytes = await readFile(join(folder, single));
      bytes.write('"I32"', bytes.indexOf('"F32"'));
      await writeFile(join(folder, single), bytes);
    });
    expect(whole).toMatchObject({ rule: 'weights are F32, F16, BF16', fix: 'convert the model first' });
    expect((await errorAfter(withTensors((tensors) => tensors.clear()))).given).toContain('no tensor');
  });

  const indexes: [unknown, string, RegExp][] = [
    [{}, 'file-invalid', /no "weight_map"/],
    [{ weight_map: {} }, 'file-invalid', /no "weight_map"/],
    [{ weight_map: ['a.safetensors'] }, 'file-invalid', /no "weight_map"/],
    [{ weight_map: { [query]: 3 } }, 'file-invalid', /shard 3/],
    [{ weight_map: { [query]: '../a.safetensors' } }, 'file-invalid', /shard "\.\.\/a\.safetensors"/],
    [
      { weight_map: { [query]: 'a.safetensors' } },
      'file-missing',
      /a\.safetensors \(named in model\.safetensors\.index/,
    ],
    [[], 'file-invalid', /index\.json: its JSON is not an object/],
  ];
  for (const [json, code, message] of indexes) {
    it(`the index ${JSON.stringify(json)}`, async () => {
      expect(await errorAfter(withIndex(json))).toMatchObject({ code, message: expect.stringMatching(message) });
    });
  }

  it('shards of which two hold the same tensor', async () => {
    const error = await errorAfter(async (folder) => {
      const tensors = await tensorsOf(join(folder, single));
      await withIndex({ weight_map: { [query]: 'a.safetensors', 'lm_head.weight': 'b.safetensors' } })(folder);
      await writeTensors(join(folder, 'a.safetensors'), tensors);
      await writeTensors(join(folder, 'b.safetensors'), new Map([[query, tensors.get(query)!]]));
    });
    expect(error).toMatchObject({
      code: 'file-invalid',
      given: expect.stringContaining(`b.safetensors: tensor "${query}"`),
    });
  });
});
