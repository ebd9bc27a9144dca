import { describe, expect, it, withFolder } from '@lowrank/testing';
import { loraConfig, type Adapter } from '@lowrank/core';
import { readPeft, writePeft } from '@lowrank/formats';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const adapter: Adapter = {
  config: loraConfig({
    rank: 2,
    alpha: 3,
    dropout: 0.05,
    targetModules: ['v', 'q', 'v'],
    excludeModules: 'décodeur.*',
    rankPattern: { z: 5, a: 7 },
    init: 'gaussian',
  }),
  tensors: new Map([
    ['layer.q.lora_A.weight', { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['layer.q.lora_B.weight', { shape: [2, 5], data: Float32Array.from({ length: 10 }, (_, index) => -index) }],
  ]),
};

const contents = async (folder: string) => {
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'hex')])),
  );
};

describe('writePeft', () => {
  it('makes the folder and gives back what it was given, targets as a sorted set', () =>
    withFolder(async (folder) => {
      const place = join(folder, 'out', 'poet');
      await writePeft(place, adapter);
      expect(await readPeft(place)).toEqual({ ...adapter, config: { ...adapter.config, targetModules: ['q', 'v'] } });
    }));

  it('gives the same bytes for the same adapter, whatever the order of its tensors', () =>
    withFolder(async (folder) => {
      await writePeft(join(folder, 'first'), adapter);
      await writePeft(join(folder, 'second'), { ...adapter, tensors: new Map([...adapter.tensors].reverse()) });
      expect(await contents(join(folder, 'first'))).toEqual(await contents(join(folder, 'second')));
    }));

  it('writes sorted keys in ASCII, patterns in their own order', () =>
    withFolder(async (folder) => {
      await writePeft(folder, adapter);
      const text = await readFile(join(folder, 'adapter_config.json'), 'utf8');
      const keys = Object.keys(JSON.parse(text));
      expect(keys).toEqual(keys.toSorted());
      expect(text).toContain('"d\\u00e9codeur.*"');
      expect(text).toContain('"rank_pattern": {\n    "z": 5,\n    "a": 7\n  }');
    }));

  it('leaves an earlier adapter whole when either file cannot take its place', async () => {
    for (const blocked of ['adapter_config.json', 'adapter_model.safetensors']) {
      await withFolder(async (folder) => {
        await writePeft(folder, await readPeft(golden('peft-adapter')));
        const other = blocked.endsWith('json') ? 'adapter_model.safetensors' : 'adapter_config.json';
        const before = await readFile(join(folder, other));
        const { rm } = await import('node:fs/promises');
        await rm(join(folder, blocked));
        await mkdir(join(folder, blocked));
        const error = await writePeft(folder, adapter).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'file-unwritable', given: join(folder, blocked) });
        expect(await readFile(join(folder, other))).toEqual(before);
        expect((await readdir(folder)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
      });
    }
  });

  it('says so when a file is in the place of the folder', () =>
    withFolder(async (folder) => {
      const place = join(folder, 'taken');
      await writeFile(place, 'mine');
      for (const path of [place, join(place, 'below')]) {
        await expect(writePeft(path, adapter)).rejects.toMatchObject({ code: 'file-unwritable', given: path });
      }
      expect(await readFile(place, 'utf8')).toBe('mine');
    }));

  it('refuses an adapter that it could not read back, and writes nothing', () =>
    withFolder(async (folder) => {
      const place = join(folder, 'out');
      const half = new Map([...adapter.tensors].slice(0, 1));
      await expect(writePeft(place, { ...adapter, tensors: half })).rejects.toMatchObject({ code: 'adapter-mismatch' });
      const wide = { ...adapter, config: { ...adapter.config, rank: 3 } };
      await expect(writePeft(place, wide)).rejects.toMatchObject({ code: 'adapter-mismatch' });
      const shifted = { ...adapter, config: { ...adapter.config, init: 'pissa' as const } };
      await expect(writePeft(place, shifted)).rejects.toMatchObject({ fix: expect.stringContaining('plainLora') });
      const chat = { ...adapter, config: { ...adapter.config, taskType: 'CAUSAL_ML' } };
      await expect(writePeft(place, chat)).rejects.toMatchObject({ fix: expect.stringContaining('CAUSAL_LM') });
      expect(await readdir(folder)).toEqual([]);
    }));
});
