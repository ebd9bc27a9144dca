import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { loraConfig, type Adapter } from '@lowrank/core';
import {
  encodeSafetensors,
  fileSource,
  openSafetensors,
  readMlxAdapter,
  readPeft,
  writeMlxAdapter,
} from '@lowrank/formats';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const contents = async (folder: string) => {
  const file = await openSafetensors(await fileSource(join(folder, 'adapters.safetensors')));
  const tensors = await file.readAll();
  await file.close();
  return tensors;
};

describe("an adapter of MLX-LM's", () => {
  it('is read as it lies, its scale as alpha / rank', async () => {
    const { config, tensors } = await readMlxAdapter(golden('mlx-adapter'));
    const paths = ['model.layers.1.mlp.up_proj', 'model.layers.1.self_attn.q_proj'];
    expect(config).toEqual(loraConfig({ rank: 3, alpha: 7.5, targetModules: paths }));
    const theirs = await contents(golden('mlx-adapter'));
    expect(tensors.size).toBe(4);
    for (const path of paths) {
      for (const role of ['a', 'b']) {
        expect(tensors.get(`${path}.lora_${role.toUpperCase()}.weight`)).toEqual(theirs.get(`${path}.lora_${role}`));
      }
    }
  });

  it('comes back from us bit for bit, and the same bytes again', () =>
    withFolder(async (folder) => {
      const adapter = await readMlxAdapter(golden('mlx-adapter'));
      const [first, second] = [join(folder, 'first'), join(folder, 'second')];
      await writeMlxAdapter(first, adapter);
      expect(await contents(first)).toEqual(await contents(golden('mlx-adapter')));
      expect(await readMlxAdapter(first)).toEqual(adapter);
      await writeMlxAdapter(second, { ...adapter, tensors: new Map([...adapter.tensors].reverse()) });
      for (const name of ['adapters.safetensors', 'adapter_config.json']) {
        expect(await readFile(join(second, name))).toEqual(await readFile(join(first, name)));
      }
    }));
});

describe('writeMlxAdapter', () => {
  it('names whole paths, and GPT-2 as MLX-LM does', () =>
    withFolder(async (folder) => {
      const adapter = tiny('transformer.h.3.attn.c_attn');
      await writeMlxAdapter(folder, adapter);
      expect([...(await contents(folder)).keys()]).toEqual([
        'model.h.3.attn.c_attn.lora_a',
        'model.h.3.attn.c_attn.lora_b',
      ]);
      expect(JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'))).toEqual({
        fine_tune_type: 'lora',
        num_layers: 1,
        lora_parameters: { rank: 2, scale: 4, dropout: 0.25, keys: ['model.h.3.attn.c_attn'] },
      });
      expect(await readMlxAdapter(folder)).toEqual(adapter);
    }));

  it('fills ranks up and takes scales of single modules into lora_b', () =>
    withFolder(async (folder) => {
      await writeMlxAdapter(folder, await readPeft(golden('peft-adapter-rslora')));
      const [ours, theirs] = [await contents(folder), (await readPeft(golden('peft-adapter-rslora'))).tensors];
      const v = 'model.layers.0.self_attn.v_proj';
      const a = ours.get(`${v}.lora_a`);
      expect(a?.shape).toEqual([32, 8]);
      // Its own rank is 2: the rest of each row is zero.
      expect(a?.data.filter((_, index) => index % 8 > 1).every((value) => value === 0)).toBe(true);
      const before = theirs.get(`${v}.lora_B.weight`)?.data ?? [];
      const after = ours.get(`${v}.lora_b`)?.data ?? [];
      // rsLoRA with alpha 6: rank 2 here, where most have 4 and so the file's scale.
      const factor = 6 / Math.sqrt(2) / (6 / Math.sqrt(4));
      for (let at = 0; at < 16; at++) expect(after[at]).toBeCloseTo((before[at] as number) * factor, 6);
      expect(after.slice(32).every((value) => value === 0)).toBe(true);
    }));

  it('refuses a NaN', () =>
    withFolder(async (folder) => {
      const adapter = tiny('q');
      adapter.tensors.get('q.lora_A.weight')?.data.fill(NaN, 2);
      expect(await errorOf(() => writeMlxAdapter(folder, adapter))).toMatchObject({ code: 'not-finite' });
    }));
});

function tiny(module: string): Adapter {
  return {
    config: loraConfig({ rank: 2, alpha: 8, dropout: 0.25, targetModules: [module] }),
    tensors: new Map([
      [`${module}.lora_A.weight`, { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      [`${module}.lora_B.weight`, { shape: [2, 1], data: Float32Array.of(7, 8) }],
    ]),
  };
}

describe('readMlxAdapter refuses', () => {
  const configs: [Record<string, unknown>, string, RegExp][] = [
    [{ fine_tune_type: 'dora' }, 'adapter-mismatch', /its config says DoRA, and it has no magnitude/],
    [{ fine_tune_type: 'full' }, 'config-unsupported', /"full"/],
    [{ fine_tune_type: 3 }, 'config-invalid', /"fine_tune_type": 3/],
    [{ lora_parameters: null }, 'config-invalid', /"lora_parameters": null/],
    [{ lora_parameters: { scale: 2 } }, 'config-invalid', /"rank": nothing/],
    [{ lora_parameters: { rank: 0, scale: 2 } }, 'config-invalid', /"rank": 0/],
    [{ lora_parameters: { rank: 3, alpha: 6 } }, 'config-invalid', /"scale": nothing.*not divided by the rank/],
    [{ lora_parameters: { rank: 3, scale: 0 } }, 'config-invalid', /"scale": 0/],
    [{ lora_parameters: { rank: 3, scale: 1e308 } }, 'config-invalid', /"scale": 1e\+308/],
    [{ lora_parameters: { rank: 3, scale: 2, dropout: 1 } }, 'config-invalid', /"dropout": 1/],
    [{ lora_parameters: { rank: 4, scale: 2 } }, 'adapter-mismatch', /of rank 3, its config says 4/],
  ];
  for (const [change, code, message] of configs) {
    it(`a config with ${JSON.stringify(change)}`, () =>
      withFolder(async (folder) => {
        await cp(golden('mlx-adapter'), folder, { recursive: true });
        const path = join(folder, 'adapter_config.json');
        await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
        const error = await errorOf(() => readMlxAdapter(folder));
        expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      }));
  }

  const tensors: [string, number[], string, RegExp][] = [
    ['model.norm.weight', [3], 'config-unsupported', /"model\.norm\.weight" in .*lora_a/],
    ['model.embed_tokens.lora_a', [9, 3], 'adapter-mismatch', /embed_tokens".*lora_A but no lora_B/],
    ['model.wte.lora_b', [3, 9], 'adapter-mismatch', /transformer\.wte".*lora_B but no lora_A/],
    ['model.layers.0.mlp.experts.lora_a', [2, 3, 5], 'adapter-mismatch', /2 sides, this one 3/],
    ['model.layers.0.mlp.up_proj.lora_a', [5, 3], 'adapter-mismatch', /lora_A but no lora_B/],
    ['model.layers.1.mlp.up_proj.m', [5], 'adapter-mismatch', /does not say DoRA/],
  ];
  for (const [name, shape, code, message] of tensors) {
    it(`the tensor ${name} of ${shape.length} sides`, () =>
      withFolder(async (folder) => {
        await cp(golden('mlx-adapter'), folder, { recursive: true });
        const all = await contents(folder);
        all.set(name, { shape, data: new Float32Array(shape.reduce((product, side) => product * side, 1)) });
        await writeFile(join(folder, 'adapters.safetensors'), encodeSafetensors(all));
        const error = await errorOf(() => readMlxAdapter(folder));
        expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      }));
  }

  it('a NaN, an empty file and a missing one', () =>
    withFolder(async (folder) => {
      await cp(golden('mlx-adapter'), folder, { recursive: true });
      const path = join(folder, 'adapters.safetensors');
      const all = await contents(folder);
      all.get('model.layers.1.mlp.up_proj.lora_b')?.data.fill(NaN, 7, 8);
      await writeFile(path, encodeSafetensors(all));
      expect(await errorOf(() => readMlxAdapter(folder))).toMatchObject({
        code: 'not-finite',
        given: expect.stringContaining('NaN at 7'),
      });
      await writeFile(path, encodeSafetensors(new Map()));
      expect(await errorOf(() => readMlxAdapter(folder))).toMatchObject({ code: 'adapter-mismatch' });
      await rm(path);
      expect(await errorOf(() => readMlxAdapter(folder))).toMatchObject({ code: 'file-missing', given: path });
    }));
});
