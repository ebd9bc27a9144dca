import { readModules } from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeJson, withCopy } from '../../test/scratch.js';
import { parseLlamaConfig } from './llama-config.js';

async function errorWith(change: Record<string, unknown>): Promise<unknown> {
  let error: unknown;
  await withCopy('llama-untied', async (folder) => {
    await changeJson(join(folder, 'config.json'), change);
    error = await errorOf(() => readModules(folder));
  });
  return error;
}

describe('a config.json is refused by file and key', () => {
  const wrong: [Record<string, unknown>, string, RegExp][] = [
    [
      { model_type: 'mamba' },
      'model-unsupported',
      /config\.json: "model_type": "mamba": these families are loaded here: llama, bert/,
    ],
    [{ model_type: undefined }, 'model-unsupported', /"model_type": not there/],
    [{ model_type: 'toString' }, 'model-unsupported', /"toString"/],
    [
      { hidden_size: undefined, hiden_size: 32 },
      'file-invalid',
      /config\.json: "hidden_size": not there.*nearest key is "hiden_size"/,
    ],
    [{ hidden_size: '32' }, 'file-invalid', /"hidden_size": "32": it must be a whole number/],
    [{ hidden_size: 0 }, 'file-invalid', /"hidden_size": 0/],
    [{ num_hidden_layers: 1e9 }, 'file-invalid', /"num_hidden_layers": 1000000000: .* from 1 to 4096/],
    [{ vocab_size: 95.5 }, 'file-invalid', /"vocab_size": 95\.5/],
    [
      { vocab_size: 97 },
      'file-invalid',
      /"model\.embed_tokens\.weight" is \[96, 32\]: config\.json makes it \[97, 32\]/,
    ],
    [{ head_dim: null, num_attention_heads: 5 }, 'file-invalid', /"head_dim"/],
    [{ head_dim: 7 }, 'file-invalid', /head_dim is even/],
    [{ num_key_value_heads: 3 }, 'file-invalid', /4 heads on 3 key\/value heads/],
    [{ rms_norm_eps: '1e-5' }, 'file-invalid', /"rms_norm_eps": "1e-5": it must be a finite number above 0/],
    [{ rope_theta: -1 }, 'file-invalid', /"rope_theta": -1/],
    [{ tie_word_embeddings: 'no' }, 'file-invalid', /"tie_word_embeddings": "no": it must be true or false/],
    [{ eos_token_id: '2' }, 'file-invalid', /"eos_token_id": "2": it must be a token id/],
    [{ rope_parameters: [1] }, 'file-invalid', /"rope_parameters": \[1\]: it must be an object/],
    [{ hidden_act: 'gelu' }, 'model-unsupported', /"hidden_act": "gelu"/],
    [{ rope_scaling: { rope_type: 'llama3', factor: 8 } }, 'model-unsupported', /"rope_type": "llama3"/],
    [{ rope_scaling: { type: 'linear', factor: 2 } }, 'model-unsupported', /"type": "linear"/],
    [{ quantization_config: { bits: 4 } }, 'model-unsupported', /quantization_config/],
  ];
  for (const [change, code, message] of wrong) {
    it(`with ${JSON.stringify(change, (_, value) => value ?? null)}`, async () => {
      expect(await errorWith(change)).toMatchObject({ code, message: expect.stringMatching(message) });
    });
  }

  it('when it is no JSON object, or gives a key twice', () =>
    withCopy('llama-untied', async (folder) => {
      const path = join(folder, 'config.json');
      for (const text of ['', '[]', '{"model_type": "llama",}', '{"model_type": "llama", "model_type": "llama"}']) {
        await writeFile(path, text);
        expect(await errorOf(() => readModules(folder))).toMatchObject({ code: 'file-invalid', given: path });
      }
    }));
});

it("a config takes transformers' defaults, and its spellings of version 4 and 5", () => {
  const least = { vocab_size: 9, hidden_size: 8, intermediate_size: 3, num_hidden_layers: 1, num_attention_heads: 2 };
  const parsed = parseLlamaConfig(least, 'config.json');
  expect(parsed).toEqual({
    modelType: 'llama',
    vocabSize: 9,
    hiddenSize: 8,
    layers: 1,
    maxPositions: 2048,
    eosTokenIds: [],
    intermediateSize: 3,
    heads: 2,
    kvHeads: 2,
    headDim: 4,
    normEpsilon: 1e-6,
    ropeTheta: 10000,
    tiedHead: false,
    attentionBias: false,
    mlpBias: false,
  });
  const four = parseLlamaConfig({ ...least, rope_theta: 5e5, rope_scaling: null }, 'config.json');
  const five = parseLlamaConfig(
    { ...least, rope_parameters: { rope_theta: 5e5, rope_type: 'default' } },
    'config.json',
  );
  expect([four, five]).toEqual([
    { ...parsed, ropeTheta: 5e5 },
    { ...parsed, ropeTheta: 5e5 },
  ]);
  const ends = parseLlamaConfig({ ...least, bos_token_id: 1, eos_token_id: [2, 3] }, 'config.json');
  expect(ends).toMatchObject({ bosTokenId: 1, eosTokenIds: [2, 3] });
});
