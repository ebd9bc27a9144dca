import { planAdapter } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { infoOf } from '../module-spec.js';
import { readGpt2Config } from './gpt2-config.js';
import { gpt2Specs } from './gpt2-specs.js';

const least = { vocab_size: 9, n_embd: 8, n_layer: 1, n_head: 2 };

describe("a GPT-2's config", () => {
  it("takes transformers' defaults", () => {
    expect(readGpt2Config(least, 'config.json')).toEqual({
      modelType: 'gpt2',
      vocabSize: 9,
      hiddenSize: 8,
      layers: 1,
      maxPositions: 1024,
      eosTokenIds: [],
      innerSize: 32,
      heads: 2,
      normEpsilon: 1e-5,
      activation: 'gelu_new',
      tiedHead: true,
      scaleByHeadSize: true,
      scaleByLayer: false,
    });
    const ends = readGpt2Config({ ...least, bos_token_id: 7, eos_token_id: 8 }, 'config.json');
    expect(ends).toMatchObject({ bosTokenId: 7, eosTokenIds: [8] });
  });

  const wrong: [Record<string, unknown>, string, RegExp][] = [
    [{ add_cross_attention: true }, 'model-unsupported', /"add_cross_attention": true/],
    [{ quantization_config: { bits: 4 } }, 'model-unsupported', /quantization_config/],
    [{ activation_function: 'mish' }, 'model-unsupported', /"activation_function": "mish".*gelu_new, .*relu/],
    [{ n_head: 3 }, 'file-invalid', /n_embd 8 for 3 heads/],
    [{ n_inner: 0 }, 'file-invalid', /"n_inner": 0/],
    [{ scale_attn_weights: 'yes' }, 'file-invalid', /"scale_attn_weights": "yes"/],
    [{ n_embd: undefined }, 'file-invalid', /"n_embd": not there/],
  ];
  for (const [change, code, message] of wrong) {
    it(`is refused by file and key with ${JSON.stringify(change, (_, value) => value ?? null)}`, async () => {
      const error = await errorOf(() => readGpt2Config({ ...least, ...change } as never, 'config.json'));
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    });
  }

  it('marks its Conv1Ds, packed as linears are, and plans an adapter on every linear but the head', () => {
    const specs = gpt2Specs(readGpt2Config({ ...least, n_embd: 80, tie_word_embeddings: false }, 'config.json'));
    const infos = specs.map((spec) => infoOf(spec, () => ({ format: 'int8', block: 64 })));
    const conv = infos.find(({ path }) => path === 'transformer.h.0.attn.c_attn');
    // 240 rows of 80 values in two blocks of 64, each with a scale, and 240 biases.
    expect(conv).toMatchObject({ in: 80, out: 240, fanInFanOut: true, parameters: 19440, bytes: 240 * 2 * 68 + 960 });
    expect(infos.at(-1)).toMatchObject({ path: 'lm_head', head: true });
    expect(infos.at(-1)?.fanInFanOut).toBeUndefined();
    const plan = planAdapter({ rank: 2, alpha: 4, targetModules: 'all-linear' }, infos);
    expect(plan.modules.map(({ path }) => path.replace('transformer.h.0.', ''))).toEqual([
      'attn.c_attn',
      'attn.c_proj',
      'mlp.c_fc',
      'mlp.c_proj',
    ]);
  });
});
