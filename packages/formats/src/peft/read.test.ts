import { describe, expect, it, withFolder } from '@lowrank/testing';
import { LowrankError } from '@lowrank/core';
import { encodeSafetensors, fileSource, openSafetensors, readPeft, type JsonObject } from '@lowrank/formats';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

/** Reads PEFT's golden after a change to its config or tensors, and gives the error. */
async function errorAfter(change: (folder: string) => Promise<void>): Promise<LowrankError> {
  let error: unknown;
  await withFolder(async (folder) => {
    await cp(golden('peft-adapter-rslora'), folder, { recursive: true });
    await change(folder);
    error = await readPeft(folder).catch((reason: unknown) => reason);
  });
  if (!LowrankError.is(error)) throw new Error('read without a LowrankError', { cause: error });
  return error;
}

const withConfig = (change: JsonObject) => async (folder: string) => {
  const path = join(folder, 'adapter_config.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
};

const withTensors = (change: (tensors: Map<string, { shape: number[]; data: Float32Array }>) => void) => {
  return async (folder: string) => {
    const path = join(folder, 'adapter_model.safetensors');
    const file = await openSafetensors(await fileSource(path));
    const tensors = await file.readAll();
    await file.close();
    change(tensors);
    await writeFile(path, encodeSafetensors(tensors));
  };
};

const [queryA, queryB] = ['A', 'B'].map(
  (role) => `base_model.model.model.layers.0.self_attn.q_proj.lora_${role}.weight`,
);

describe('readPeft refuses', () => {
  const configs: [JsonObject, string, RegExp][] = [
    [{ use_dora: true }, 'adapter-mismatch', /its config says use_dora, and it has no lora_magnitude_vector/],
    [{ lora_bias: true }, 'adapter-mismatch', /its config says lora_bias, and it has no lora_B\.bias/],
    [{ bias: 'some' }, 'config-invalid', /"bias": "some" in .*adapter_config\.json.*"none", "all" or "lora_only"/],
    [{ modules_to_save: ['classifier'] }, 'adapter-mismatch', /none of the modules to save, classifier/],
    [{ use_bdlora: true }, 'config-unsupported', /"use_bdlora": true.*adapter_config\.json.*BD-LoRA/],
    [{ layers_to_transform: 3 }, 'adapter-mismatch', /none of the layers that its config names, 3/],
    [{ layers_to_transform: [0] }, 'adapter-mismatch', /"model\.layers\.1\..*none of the layers/],
    [{ layers_to_transform: [0], layers_pattern: '(' }, 'config-invalid', /layers_pattern.*no regular expression/],
    [{ init_lora_weights: 'pissa_niter_16' }, 'config-unsupported', /pissa_niter_16/],
    [{ init_lora_weights: 'olora' }, 'config-unsupported', /olora/],
    [{ init_lora_weights: 3 }, 'config-invalid', /init_lora_weights/],
    [{ peft_type: 'ADALORA' }, 'config-unsupported', /ADALORA/],
    [{ peft_type: undefined }, 'config-invalid', /no "peft_type"/],
    [{ lora_alhpa: 16 }, 'config-invalid', /lora_alhpa.*adapter_config\.json.*nearest here: lora_alpha/],
    [{ toString: 1 }, 'config-invalid', /toString/],
    [{ r: '8' }, 'config-invalid', /"r": "8" in .*adapter_config\.json/],
    [{ r: 0 }, 'config-invalid', /"r": 0/],
    [{ r: 2.5 }, 'config-invalid', /"r": 2\.5/],
    [{ lora_alpha: null }, 'config-invalid', /lora_alpha/],
    [{ lora_dropout: 1 }, 'config-invalid', /lora_dropout/],
    [{ use_rslora: 'yes' }, 'config-invalid', /use_rslora/],
    [{ rank_pattern: { q_proj: 0 } }, 'config-invalid', /rank_pattern/],
    [{ target_modules: null }, 'config-invalid', /target_modules/],
    [{ target_modules: undefined }, 'config-invalid', /target_modules/],
    [{ target_modules: [] }, 'config-invalid', /target_modules/],
    [{ r: 5 }, 'adapter-mismatch', /down_proj.* of rank 4, its config says 5/],
    [{ rank_pattern: { '(': 2 } }, 'config-invalid', /"rank_pattern": .*adapter_config\.json.*no regular expression/],
    [{ target_modules: '*' }, 'config-invalid', /"target_modules": "\*" in .*no regular expression/],
    [{ exclude_modules: '[' }, 'config-invalid', /"exclude_modules".*no regular expression/],
    [{ rank_pattern: {} }, 'adapter-mismatch', /its config says 4/],
  ];
  for (const [change, code, message] of configs) {
    it(`a config with ${JSON.stringify(change)}`, async () => {
      expect(await errorAfter(withConfig(change))).toMatchObject({ code, message: expect.stringMatching(message) });
    });
  }

  it('an A without its B', async () => {
    const error = await errorAfter(withTensors((tensors) => tensors.delete(queryB as string)));
    expect(error).toMatchObject({ code: 'adapter-mismatch', rule: 'it has lora_A but no lora_B' });
    expect(error.given).toContain('"model.layers.0.self_attn.q_proj"');
  });

  it('factors of two ranks', async () => {
    const wide = { shape: [3, 32], data: new Float32Array(96) };
    const error = await errorAfter(withTensors((tensors) => tensors.set(queryA as string, wide)));
    expect(error).toMatchObject({ code: 'adapter-mismatch', rule: 'lora_A is of rank 3, lora_B of rank 4' });
  });

  it('a file without factors', async () => {
    expect(await errorAfter(withTensors((tensors) => tensors.clear()))).toMatchObject({ code: 'adapter-mismatch' });
  });

  const kinds: [string, RegExp][] = [
    ['base_model.model.model.embed_tokens.lora_embedding_A', /lora_embedding_A but no lora_embedding_B/],
    ['base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector', /does not say use_dora/],
    ['base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias', /does not say lora_bias/],
    ['base_model.model.model.layers.0.self_attn.o_proj.lora_B.bias', /no factors/],
    ['base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta', /no trainable_token_indices/],
    ['base_model.model.model.embed_tokens.base_layer.weight', /of the base/],
    ['base_model.model.classifier.weight', /of the base/],
    ['base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight', /does not know/],
    ['base_model.model.odd', /does not know/],
    ['model.layers.0.self_attn.q_proj.lora_A.weight', /prefix/],
  ];
  for (const [name, message] of kinds) {
    it(`the tensor ${name} by name`, async () => {
      const extra = { shape: [1, 1], data: new Float32Array(1) };
      const error = await errorAfter(withTensors((tensors) => tensors.set(name, extra)));
      expect(error.rule).toMatch(message);
      expect(error.given).toContain(name.replace(/^base_model\.model\./, '').replace(/\.(lora|token)_.*/, ''));
    });
  }

  it('a value that is not finite, by its place', async () => {
    for (const value of [NaN, Infinity]) {
      const spoilt = withTensors((tensors) =>
        (tensors.get(queryB as string) as { data: Float32Array }).data.fill(value, 5),
      );
      expect(await errorAfter(spoilt)).toMatchObject({
        code: 'not-finite',
        given: expect.stringMatching(`q_proj\\.lora_B\\.weight" in .*safetensors holds ${value} at 5`),
      });
    }
  });

  it('a factor of a convolution', async () => {
    const kernel = { shape: [4, 32, 1, 1], data: new Float32Array(128) };
    const error = await errorAfter(withTensors((tensors) => tensors.set(queryA as string, kernel)));
    expect(error).toMatchObject({ code: 'adapter-mismatch', rule: expect.stringContaining('4') });
  });

  it('a folder that lacks a file, and says so when only a pickle is there', async () => {
    const remove = (name: string) => (folder: string) => rm(join(folder, name));
    expect(await errorAfter(remove('adapter_config.json'))).toMatchObject({ code: 'file-missing' });
    expect(await errorAfter(remove('adapter_model.safetensors'))).toMatchObject({ code: 'file-missing' });
    const pickled = (folder: string) =>
      rename(join(folder, 'adapter_model.safetensors'), join(folder, 'adapter_model.bin'));
    expect(await errorAfter(pickled)).toMatchObject({ code: 'file-missing', rule: expect.stringContaining('pickle') });
  });

  it('a config that is no JSON object, or gives a key twice', async () => {
    const text = (json: string) => (folder: string) => writeFile(join(folder, 'adapter_config.json'), json);
    for (const json of ['', '[]', '{"r": NaN}', '{"r": 1, "r": 2}', 'null']) {
      expect(await errorAfter(text(json))).toMatchObject({ code: 'file-invalid' });
    }
  });
});

it('readPeft passes over unknown keys without a value, and over null patterns', () =>
  withFolder(async (folder) => {
    await cp(golden('peft-adapter'), folder, { recursive: true });
    const empty = { enable_lora: null, merge_weights: false, new_list: [], rank_pattern: null, alpha_pattern: null };
    await withConfig(empty)(folder);
    expect((await readPeft(folder)).config).toMatchObject({ rank: 4, alpha: 12, rankPattern: {} });
  }));
