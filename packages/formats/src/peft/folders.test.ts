import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readPeft, readPeftFolder, writePeft, writePeftFolder, type PeftFolder } from '@lowrank/formats';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

/** What each folder that PEFT wrote holds: kind, path and tensors; and why lowrank cannot apply it, if it cannot. */
const folders: Record<string, { holds: string[]; refused?: RegExp }> = {
  layers: {
    holds: [
      'conv conv1: lora_A.weight [2,3,3], lora_B.weight [4,2,1]',
      'conv conv2: lora_A.weight [2,4,3,2], lora_B.weight [6,2,1,1]',
      'conv conv3: lora_A.weight [2,2,2,2,2], lora_B.weight [4,2,1,1,1]',
      'embedding table: lora_embedding_A [2,7], lora_embedding_B [6,2]',
      'linear linear: lora_A.weight [2,6], lora_B.weight [4,2]',
      'linear turned: lora_A.weight [2,4], lora_B.weight [5,2]',
    ],
    refused: /"base_model\.model\.conv3\.lora_A\.weight" in .*: it is an adapter of a convolution/,
  },
  dora: {
    holds: [
      'conv conv1: lora_A.weight [2,3,3], lora_B.weight [4,2,1], lora_magnitude_vector [1,4,1]',
      'conv conv2: lora_A.weight [2,4,3,2], lora_B.weight [6,2,1,1], lora_magnitude_vector [1,6,1,1]',
      'embedding table: lora_embedding_A [2,7], lora_embedding_B [6,2], lora_magnitude_vector [6]',
      'linear linear: lora_A.weight [2,6], lora_B.weight [4,2], lora_magnitude_vector [4]',
    ],
  },
  'lora-bias': {
    holds: [
      'linear linear: lora_A.weight [2,6], lora_B.bias [4], lora_B.weight [4,2]',
      'linear turned: lora_A.weight [2,4], lora_B.bias [5], lora_B.weight [5,2]',
    ],
  },
  'modules-to-save': {
    holds: [
      'linear linear: lora_A.weight [2,6], lora_B.weight [4,2]',
      'module head: 0.bias [3], 0.weight [3,5], 1.bias [3], 1.weight [3]',
    ],
  },
  'bias-all': {
    holds: [
      'bias conv1: bias [4]',
      'bias conv2: bias [6]',
      'bias conv3: bias [4]',
      'bias head.0: bias [3]',
      'bias head.1: bias [3]',
      'bias linear: base_layer.bias [4]',
      'bias turned: bias [5]',
      'linear linear: lora_A.weight [2,6], lora_B.weight [4,2]',
    ],
  },
  'bias-lora-only': {
    holds: ['bias linear: base_layer.bias [4]', 'linear linear: lora_A.weight [2,6], lora_B.weight [4,2]'],
  },
  tokens: {
    holds: [
      'linear linear: lora_A.weight [2,6], lora_B.weight [4,2]',
      'tokens table: token_adapter.trainable_tokens_delta [2,6]',
    ],
  },
  parameters: {
    holds: ['linear linear: lora_A.weight [2,6], lora_B.weight [4,2]'],
    refused: /"target_parameters": \["linear\.weight"\] in /,
  },
  half: {
    holds: [
      'linear linear: lora_A.weight [2,6], lora_B.weight [4,2]',
      'linear turned: lora_A.weight [1,4], lora_B.weight [5,1]',
    ],
  },
  embedding: {
    holds: [
      'base model.embed_tokens: base_layer.weight [96,32]',
      'embedding model.embed_tokens: lora_embedding_A [2,96], lora_embedding_B [32,2]',
      'linear model.layers.0.self_attn.q_proj: lora_A.weight [2,32], lora_B.weight [32,2]',
      'linear model.layers.1.self_attn.q_proj: lora_A.weight [2,32], lora_B.weight [32,2]',
    ],
  },
  'layer-choice': { holds: ['linear model.layers.1.self_attn.q_proj: lora_A.weight [2,32], lora_B.weight [32,2]'] },
  pissa: {
    holds: [
      'linear model.layers.0.self_attn.v_proj: lora_A.weight [2,32], lora_B.weight [8,2]',
      'linear model.layers.1.self_attn.v_proj: lora_A.weight [2,32], lora_B.weight [8,2]',
    ],
    refused: /"init_lora_weights": "pissa" in /,
  },
};

const describeEntries = ({ entries }: PeftFolder) =>
  entries
    .map(({ kind, path, tensors }) => {
      const parts = Array.from(tensors, ([role, { shape }]) => `${role} [${shape.join(',')}]`);
      return `${kind} ${path}: ${parts.sort().join(', ')}`;
    })
    .sort();

const names = ['adapter_config.json', 'adapter_model.safetensors'];
const bytesOf = (folder: string) => Promise.all(names.map((name) => readFile(join(folder, name))));

describe('a folder written by PEFT', () => {
  for (const [name, { holds, refused }] of Object.entries(folders)) {
    it(`(${name}) is read by module and kind, and comes out again byte for byte`, () =>
      withFolder(async (folder) => {
        const adapter = await readPeftFolder(golden(`peft-folders/${name}`));
        expect(describeEntries(adapter)).toEqual(holds);
        await writePeftFolder(folder, adapter);
        expect(await bytesOf(folder)).toEqual(await bytesOf(golden(`peft-folders/${name}`)));
      }));

    it(`(${name}) is ${refused ? 'refused by name where it cannot be applied' : 'applied'}`, async () => {
      const reading = readPeft(golden(`peft-folders/${name}`));
      if (refused) {
        const message = expect.stringMatching(refused);
        await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/^config-/), message });
        return;
      }
      await reading;
    });
  }

  it('in half precision is widened, each value to its own', async () => {
    const { tensors } = await readPeft(golden('peft-folders/half'));
    const { entries } = await readPeftFolder(golden('peft-folders/half'));
    const stored = entries.flatMap((entry) => [...entry.tensors.values()]);
    expect(new Set(stored.map(({ dtype }) => dtype))).toEqual(new Set(['F16', 'BF16']));
    const turned = entries.find(({ path }) => path === 'turned')?.tensors.get('lora_B.weight');
    const codes = new Uint16Array(turned?.bytes.slice().buffer as ArrayBuffer);
    const values = new Float32Array(Uint32Array.from(codes, (code) => code << 16).buffer);
    expect(tensors.get('turned.lora_B.weight')).toEqual({ shape: [1, 5], data: values });
  });

  for (const [name, { refused }] of Object.entries(folders)) {
    if (refused || name === 'half') continue; // what was half comes out in float32
    it(`(${name}) comes out of our adapter again byte for byte, but for what says who wrote the config`, () =>
      withFolder(async (folder) => {
        await writePeft(folder, await readPeft(golden(`peft-folders/${name}`)));
        const [[config, weights], [theirConfig, theirWeights]] = await Promise.all([
          bytesOf(folder),
          bytesOf(golden(`peft-folders/${name}`)),
        ]);
        expect(weights).toEqual(theirWeights);
        const expected = { ...JSON.parse(String(theirConfig)), auto_mapping: null };
        delete expected.peft_version;
        expected.target_modules.sort(); // a set in PEFT: ours is sorted
        expect(JSON.parse(String(config))).toEqual(expected);
      }));
  }
});

describe('writePeftFolder', () => {
  it('keeps keys that lowrank does not know, and writes a changed config as PEFT spells it', () =>
    withFolder(async (folder) => {
      const adapter = await readPeftFolder(golden('peft-folders/half'));
      const config = { ...adapter.config, some_day: { é: [1] }, lora_alpha: 4 };
      await writePeftFolder(folder, { ...adapter, config });
      const text = await readFile(join(folder, 'adapter_config.json'), 'utf8');
      expect(JSON.parse(text)).toEqual(config);
      expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(config).sort());
      expect(text).toContain('"some_day": {\n    "\\u00e9": [\n      1\n    ]\n  }');
      expect((await readPeftFolder(folder)).entries).toEqual(adapter.entries);
      await expect(readPeft(folder)).rejects.toMatchObject({
        code: 'config-invalid',
        given: expect.stringContaining('some_day'),
      });
    }));

  it('refuses what could not be read back, and writes nothing', () =>
    withFolder(async (folder) => {
      const adapter = await readPeftFolder(golden('peft-folders/dora'));
      const place = join(folder, 'out');
      const wrong: [Partial<PeftFolder>, string][] = [
        [{ config: { ...adapter.config, r: 3 } }, 'adapter-mismatch'],
        [{ config: { ...adapter.config, use_dora: false } }, 'adapter-mismatch'],
        [{ config: { ...adapter.config, peft_type: 'IA3' } }, 'config-unsupported'],
        [{ config: { ...adapter.config, bias: 'some' } }, 'config-invalid'],
        [{ entries: [] }, 'adapter-mismatch'],
        [{ entries: [...adapter.entries, ...adapter.entries] }, 'adapter-mismatch'],
      ];
      for (const [change, code] of wrong) {
        await expect(writePeftFolder(place, { ...adapter, ...change })).rejects.toMatchObject({ code });
      }
      await expect(readFile(place)).rejects.toMatchObject({ code: 'ENOENT' });
    }));
});
