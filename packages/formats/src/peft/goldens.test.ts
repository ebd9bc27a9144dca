import { describe, expect, it, withFolder } from '@lowrank/testing';
import { fileSource, openSafetensors, readPeft, writePeft } from '@lowrank/formats';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const adapters = ['peft-adapter', 'peft-adapter-rslora'];

describe('folders written by PEFT', () => {
  it('become our config', async () => {
    expect((await readPeft(golden('peft-adapter-rslora'))).config).toEqual({
      rank: 4,
      alpha: 6,
      dropout: 0,
      targetModules: ['down_proj', 'q_proj', 'v_proj'],
      useRslora: true,
      rankPattern: { 'layers.1.self_attn.q_proj': 8, v_proj: 2 },
      alphaPattern: { 'layers.0.mlp.down_proj': 10 },
      init: 'random',
      bias: 'none',
      loraBias: false,
      useDora: false,
      modulesToSave: [],
      fanInFanOut: false,
      taskType: 'CAUSAL_LM',
      baseModelNameOrPath: 'llama-untied',
    });
  });

  for (const name of adapters) {
    it(`hold each value of ${name} at its transposed place`, async () => {
      const { tensors } = await readPeft(golden(name));
      const file = await openSafetensors(await fileSource(join(golden(name), 'adapter_model.safetensors')));
      expect(tensors.size).toBe(file.tensors.size);
      for (const [key, { shape, data }] of await file.readAll()) {
        const [rows = 0, columns = 0] = shape;
        const ours = tensors.get(key.replace('base_model.model.', ''));
        expect(ours?.shape).toEqual([columns, rows]);
        const turned = Array.from(data, (_, at) => data[(at % rows) * columns + Math.floor(at / rows)]);
        expect(Array.from(ours?.data ?? [])).toEqual(turned);
      }
      await file.close();
    });

    it(`come out of ${name} again with the same tensor bytes and, but for the version, the same config`, () =>
      withFolder(async (folder) => {
        await writePeft(folder, await readPeft(golden(name)));
        const [config, theirConfig] = await Promise.all(
          [folder, golden(name)].map((place) => readFile(join(place, 'adapter_config.json'), 'utf8')),
        );
        const [weights, theirWeights] = await Promise.all(
          [folder, golden(name)].map((place) => readFile(join(place, 'adapter_model.safetensors'))),
        );
        expect(weights?.equals(theirWeights as Buffer)).toBe(true);
        const expected = theirConfig
          ?.trimEnd() // PEFT ends without a newline; the script that sorted the golden's targets added one
          .replace(/ {2}"peft_version": .*\n/, '')
          .replace('"lora_dropout": 0.0', '"lora_dropout": 0');
        expect(config).toBe(expected);
      }));
  }
});
