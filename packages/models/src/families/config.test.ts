import { readModules } from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeJson, withCopy } from '../../test/scratch.js';

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
      /config\.json: "model_type": "mamba": these families are loaded here: gpt2, llama, mistral, qwen2, bert/,
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
    [
      { rope_scaling: { rope_type: 'longrope', factor: 8 } },
      'model-unsupported',
      /"rope_type": "longrope".*llama3, yarn/,
    ],
    [{ rope_scaling: { type: 'su', factor: 8 } }, 'model-unsupported', /"type": "su"/],
    [
      { rope_scaling: { type: 'linear', rope_type: 'yarn', factor: 8 } },
      'model-unsupported',
      /"rope_type": "yarn", "type": "linear"/,
    ],
    [{ rope_scaling: { type: 'linear' } }, 'file-invalid', /"factor": not there/],
    [
      { rope_scaling: { type: 'linear', factor: 0 } },
      'file-invalid',
      /"factor": 0: it must be a finite number above 0/,
    ],
    [{ rope_scaling: { type: 'llama3', factor: 8, low_freq_factor: 1 } }, 'file-invalid', /"high_freq_factor"/],
    [{ rope_parameters: { rope_type: 'yarn', factor: 8, truncate: 1 } }, 'file-invalid', /"truncate": 1/],
    [{ rope_parameters: { rope_type: 'yarn', factor: 8, mscale: '1' } }, 'file-invalid', /"mscale": "1"/],
    [{ rope_parameters: { partial_rotary_factor: 0.5 } }, 'model-unsupported', /"partial_rotary_factor": 0\.5/],
    [{ partial_rotary_factor: 0.5 }, 'model-unsupported', /"partial_rotary_factor": 0\.5/],
    [{ rope_parameters: { full_attention: {} } }, 'model-unsupported', /"full_attention"/],
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
