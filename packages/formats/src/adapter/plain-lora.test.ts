import { loraConfig, loraTensorName, plainLora, scalingOf, type Adapter } from '@lowrank/core';
import { readPeft, writePeft } from '@lowrank/formats';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

/** An adapter of a golden folder, read as if its start had not changed the base. */
async function read(name: string): Promise<Adapter> {
  let adapter: Adapter | undefined;
  await withFolder(async (folder) => {
    await cp(golden(name), folder, { recursive: true });
    const path = join(folder, 'adapter_config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...config, init_lora_weights: true }));
    adapter = await readPeft(folder);
  });
  return adapter!;
}

describe('plainLora', () => {
  for (const name of ['pissa', 'olora-rslora']) {
    it(`makes of ${name} what PEFT's save_pretrained does, bit for bit`, () =>
      withFolder(async (folder) => {
        const [trained, initial] = [
          await read(`lora-conversion/${name}/trained`),
          await read(`lora-conversion/${name}/initial`),
        ];
        const theirs = `lora-conversion/${name}/converted`;
        const ours = plainLora(trained, initial);
        const { rank, alpha, rankPattern, alphaPattern, useRslora } = (await read(theirs)).config;
        expect(ours.config).toMatchObject({ rank, alpha, rankPattern, alphaPattern, useRslora });
        await writePeft(folder, ours);
        const weights = 'adapter_model.safetensors';
        expect(await readFile(join(folder, weights))).toEqual(await readFile(golden(`${theirs}/${weights}`)));
      }));
  }

  const tiny = (change: Partial<Adapter['config']> = {}, path = 'q'): Adapter => ({
    config: { ...loraConfig({ rank: 1, targetModules: [path] }), ...change },
    tensors: new Map([
      [loraTensorName(path, 'lora_A'), { shape: [2, 1], data: Float32Array.of(1, 2) }],
      [loraTensorName(path, 'lora_B'), { shape: [1, 3], data: Float32Array.of(3, 4, 5) }],
    ]),
  });

  it('keeps the scaling of each module, with rsLoRA beside patterns too', () => {
    const { config } = plainLora(tiny({ useRslora: true, rankPattern: { k: 3 }, alphaPattern: { k: 5 } }), tiny());
    const { rankPattern, alphaPattern } = config;
    expect(rankPattern).toEqual({ k: 6 });
    expect(scalingOf(config)).toBeCloseTo(8, 12);
    expect(scalingOf({ rank: 6, alpha: alphaPattern['k']!, useRslora: true })).toBeCloseTo(5 / Math.sqrt(3), 12);
  });

  it('refuses two adapters of different modules or shapes', async () => {
    const other = tiny();
    other.tensors.set('q.lora_B.weight', { shape: [1, 2], data: Float32Array.of(1, 2) });
    const more = tiny();
    more.tensors.set('k.lora_A.weight', { shape: [2, 1], data: Float32Array.of(1, 2) });
    for (const [trained, initial, code, given] of [
      [tiny(), tiny({}, 'k'), 'adapter-mismatch', '"q.lora_A.weight"'],
      [tiny(), more, 'adapter-mismatch', '"k.lora_A.weight"'],
      [tiny(), other, 'adapter-mismatch', '"q.lora_B.weight"'],
    ] as const) {
      expect(await errorOf(() => plainLora(trained, initial))).toMatchObject({ code, given });
    }
  });
});
