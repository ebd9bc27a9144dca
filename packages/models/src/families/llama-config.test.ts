import type { JsonObject } from '@lowrank/formats';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import type { CausalConfig, CausalModel } from '@lowrank/models';
import { familyOf, causalFamilies } from './family.js';

const least = { vocab_size: 9, hidden_size: 8, intermediate_size: 3, num_hidden_layers: 1, num_attention_heads: 2 };

/** What a model says of itself, made of no modules. */
async function configOf(json: JsonObject): Promise<CausalModel['config']> {
  const { maker, pass, maxPositions } = familyOf(causalFamilies, json, 'config.json');
  const make = await maker();
  return make({ modules: [], pass, maxPositions }, new Map()).config;
}

const errorWith = (json: JsonObject) => errorOf(() => configOf(json));

const parsed = {
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
  ropeScaling: { type: 'default' },
  tiedHead: false,
  qkvBias: false,
  outputBias: false,
  mlpBias: false,
  windows: [undefined],
};

describe("a Llama's config", () => {
  const llama = { ...least, model_type: 'llama' };

  it("takes transformers' defaults, and its spellings of version 4 and 5", async () => {
    expect(await configOf(llama)).toEqual(parsed);
    const four = await configOf({ ...llama, rope_theta: 5e5, rope_scaling: null });
    const five = await configOf({ ...llama, rope_parameters: { rope_theta: 5e5, rope_type: 'default' } });
    expect([four, five]).toEqual([
      { ...parsed, ropeTheta: 5e5 },
      { ...parsed, ropeTheta: 5e5 },
    ]);
    expect(await configOf({ ...llama, bos_token_id: 1, eos_token_id: [2, 3] })).toMatchObject({
      bosTokenId: 1,
      eosTokenIds: [2, 3],
    });
  });

  it('reads scaled positions in both spellings, and reaches as far as they do', async () => {
    const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 4096 };
    const expected = { type: 'llama3', factor: 8, pretrained: 4096, lowFactor: 1, highFactor: 4 };
    for (const change of [
      { rope_scaling: { ...llama3, type: 'llama3' } },
      { rope_scaling: { ...llama3, rope_type: 'llama3', type: 'llama3' } },
      { rope_parameters: { ...llama3, rope_type: 'llama3', rope_theta: 10000 } },
    ]) {
      expect(await configOf({ ...llama, ...change })).toMatchObject({ ropeScaling: expected, maxPositions: 32768 });
    }
    const llama32 = {
      ...llama,
      max_position_embeddings: 131072,
      rope_scaling: { ...llama3, type: 'llama3', factor: 64 },
    };
    expect((await configOf(llama32)).maxPositions).toBe(131072);
    const linear = await configOf({
      ...llama,
      max_position_embeddings: 100,
      rope_scaling: { type: 'linear', factor: 2.5 },
    });
    expect(linear).toMatchObject({ ropeScaling: { type: 'linear', factor: 2.5 }, maxPositions: 250 });
    const dynamic = await configOf({
      ...llama,
      max_position_embeddings: 100,
      rope_scaling: { type: 'dynamic', factor: 2 },
    });
    expect(dynamic).toMatchObject({ ropeScaling: { type: 'dynamic', pretrained: 100 }, maxPositions: 200 });
  });

  it("takes yarn's defaults, its factor from the positions and its sharpness from the factor", async () => {
    const yarn = { rope_type: 'yarn', original_max_position_embeddings: 512 };
    const config = await configOf({ ...llama, rope_parameters: yarn });
    const attentionFactor = 0.1 * Math.log(4) + 1;
    const defaults = { type: 'yarn', factor: 4, pretrained: 512, betaFast: 32, betaSlow: 1, truncate: true };
    expect(config).toMatchObject({ ropeScaling: { ...defaults, attentionFactor }, maxPositions: 2048 });
    const shorter = await configOf({ ...llama, rope_scaling: { type: 'yarn', factor: 0.5 } });
    expect(shorter).toMatchObject({ ropeScaling: { attentionFactor: 1, pretrained: 2048 }, maxPositions: 2048 });
    const outside = { ...llama, original_max_position_embeddings: 1024, rope_scaling: { type: 'yarn', factor: 4 } };
    expect(await configOf(outside)).toMatchObject({ ropeScaling: { pretrained: 1024 }, maxPositions: 2048 });
  });
});

describe("a Mistral's config", () => {
  const mistral = { ...least, model_type: 'mistral', num_attention_heads: 8, hidden_size: 32 };

  it("takes transformers' defaults: 8 key heads and a window of 4,096", async () => {
    const own = { modelType: 'mistral', hiddenSize: 32, heads: 8, kvHeads: 8, windows: [4096], maxPositions: 131072 };
    expect(await configOf(mistral)).toEqual({ ...parsed, ...own });
    expect(await configOf({ ...mistral, sliding_window: null, num_key_value_heads: null })).toMatchObject({
      kvHeads: 8,
      windows: [undefined],
    });
    expect(await configOf({ ...mistral, num_attention_heads: 16 })).toMatchObject({ heads: 16, kvHeads: 8 });
    expect(await configOf({ ...mistral, num_attention_heads: 4, num_key_value_heads: null })).toMatchObject({
      kvHeads: 4,
    });
  });

  it('refuses what it cannot do, by name', async () => {
    expect(await errorWith({ ...mistral, layer_types: ['full_attention'] })).toMatchObject({
      code: 'model-unsupported',
      given: expect.stringContaining('"layer_types"'),
    });
    expect(await errorWith({ ...mistral, sliding_window: 0 })).toMatchObject({ code: 'file-invalid' });
    expect(await errorWith({ ...mistral, hidden_act: 'gelu' })).toMatchObject({ code: 'model-unsupported' });
  });
});

describe("a Qwen2's config", () => {
  const qwen2 = { ...least, model_type: 'qwen2', num_hidden_layers: 3, num_key_value_heads: 2 };
  const windowsOf = async (change: JsonObject) =>
    ((await configOf({ ...qwen2, ...change })) as CausalConfig & { windows: unknown }).windows;

  it('has biases on queries, keys and values, and no window unless it is asked for', async () => {
    const own = { modelType: 'qwen2', layers: 3, qkvBias: true, maxPositions: 32768 };
    const none = [undefined, undefined, undefined];
    expect(await configOf(qwen2)).toEqual({ ...parsed, ...own, windows: none });
    expect(await windowsOf({ use_sliding_window: false, sliding_window: 7, max_window_layers: 0 })).toEqual(none);
    expect(await windowsOf({ use_sliding_window: true, sliding_window: null, max_window_layers: 0 })).toEqual(none);
    expect(await windowsOf({ use_sliding_window: true })).toEqual(none);
  });

  it('slides from a layer on, or in the layers that it lists', async () => {
    const sliding = { use_sliding_window: true, sliding_window: 7 };
    expect(await windowsOf({ ...sliding, max_window_layers: 1 })).toEqual([undefined, 7, 7]);
    expect(await windowsOf({ ...sliding, max_window_layers: 0 })).toEqual([7, 7, 7]);
    const layer_types = ['sliding_attention', 'full_attention', 'sliding_attention'];
    expect(await windowsOf({ ...sliding, layer_types })).toEqual([7, undefined, 7]);
    expect(await windowsOf({ layer_types: Array(3).fill('full_attention') })).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('refuses layers of another kind, too few of them, and a window that is switched off', async () => {
    const wrong: [JsonObject, string, RegExp][] = [
      [
        { layer_types: ['full_attention', 'linear_attention', 'full_attention'] },
        'model-unsupported',
        /linear_attention/,
      ],
      [{ layer_types: ['full_attention'] }, 'file-invalid', /it must list 3 words/],
      [{ layer_types: Array(3).fill('sliding_attention') }, 'file-invalid', /slides only with use_sliding_window/],
      [{ use_sliding_window: 1 }, 'file-invalid', /"use_sliding_window": 1/],
      [{ max_window_layers: -1 }, 'file-invalid', /from 0 to/],
    ];
    for (const [change, code, message] of wrong) {
      expect(await errorWith({ ...qwen2, ...change })).toMatchObject({ code, message: expect.stringMatching(message) });
    }
  });
});
