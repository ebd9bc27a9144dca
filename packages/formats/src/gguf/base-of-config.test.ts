import { ggufBaseOf } from '@lowrank/formats';
import { describe, expect, it } from '@lowrank/testing';

describe('ggufBaseOf', () => {
  it('tells the family by llama.cpp’s name, and heads', () => {
    const llama = { model_type: 'mistral', num_attention_heads: 8, num_key_value_heads: 2 };
    expect(ggufBaseOf(llama, 'config.json')).toEqual({ architecture: 'llama', heads: 8, keyValueHeads: 2 });
    expect(ggufBaseOf({ model_type: 'gpt2', n_head: 12 }, 'config.json')).toEqual({
      architecture: 'gpt2',
      heads: 12,
      keyValueHeads: 12,
    });
  });

  it('refuses a config that does not tell, by the key that lacks', () => {
    for (const [config, lacks] of [
      [{ num_attention_heads: 8 }, 'config.json: no "model_type"'],
      [{ model_type: 'llama' }, 'config.json: "num_attention_heads": nothing'],
      [
        { model_type: 'llama', num_attention_heads: 8, num_key_value_heads: 0 },
        'config.json: "num_key_value_heads": 0',
      ],
    ] as const) {
      expect(() => ggufBaseOf(config, 'config.json')).toThrow(
        expect.objectContaining({ code: 'model-unsupported', given: lacks }),
      );
    }
  });
});
