import { describe, errorOf, expect, it } from '@lowrank/testing';
import { checkPeftConfig } from './check-config.js';

const file = 'poet/adapter_config.json';
const plain = { peft_type: 'LORA', r: 3, target_modules: ['q_proj'] };

describe('a PEFT config is refused', () => {
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ r: 0 }, /"r": 0/],
    [{ r: null }, /"r": null/],
    [{ lora_alpha: '8' }, /"lora_alpha"/],
    [{ rank_pattern: { q_proj: '2' } }, /"rank_pattern"/],
    [{ bias: 'some' }, /"bias": "some".*"none", "all" or "lora_only"/],
    [{ use_dora: 'yes' }, /"use_dora": "yes".*true or false/],
    [{ lora_bias: 1 }, /"lora_bias": 1/],
    [{ modules_to_save: 'head' }, /"modules_to_save": "head".*list of module names/],
    [{ modules_to_save: [1] }, /"modules_to_save": \[1\]/],
    [{ target_parameters: {} }, /"target_parameters"/],
    [{ layers_to_transform: -1 }, /"layers_to_transform": -1/],
    [{ layers_to_transform: ['1'] }, /"layers_to_transform"/],
    [{ layers_to_transform: [1], layers_pattern: 3 }, /"layers_pattern": 3/],
    [{ trainable_token_indices: 5 }, /"trainable_token_indices": 5/],
    [{ trainable_token_indices: { table: [0.5] } }, /"trainable_token_indices"/],
    [{ target_modules: '.*q', layers_to_transform: [1] }, /"layers_to_transform".*needs a list of target_modules/],
    [{ layers_pattern: 'h' }, /"layers_pattern".*needs layers_to_transform/],
    [{ lora_bias: true, use_dora: true }, /"lora_bias".*use_dora/],
    [{ lora_bias: true, init_lora_weights: 'pissa' }, /"lora_bias".*plain init_lora_weights/],
    [{ init_lora_weights: 'orthogonal' }, /"init_lora_weights".*even rank, and r is 3/],
  ];
  for (const [change, message] of wrong) {
    it(`with ${JSON.stringify(change)}`, async () => {
      const error = await errorOf(() => checkPeftConfig(file, { ...plain, ...change }));
      expect(error).toMatchObject({ code: 'config-invalid', message: expect.stringMatching(message) });
      expect(error.given).toContain(file);
    });
  }
});

it('a PEFT config is taken with what lowrank cannot apply, and with keys that it does not know', () => {
  const given = [
    { use_dora: true, modules_to_save: ['head'], trainable_token_indices: [1, 2], bias: 'all' },
    { lora_bias: true, target_modules: null, target_parameters: ['experts.weight'] },
    { layers_to_transform: 1, layers_pattern: ['h', 'layers'], init_lora_weights: 'olora' },
    { layers_to_transform: [], target_modules: '.*' },
    { some_day: { new: true }, eva_config: { rho: 2 } },
  ];
  for (const change of given) expect(() => checkPeftConfig(file, { ...plain, ...change })).not.toThrow();
});
