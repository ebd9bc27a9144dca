import { combine } from '@lowrank/combine';
import type { Adapter, LoraConfigInput } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { randomAdapter } from '../test/random-adapter.js';

const sides = { in: 6, out: 4, rank: 2 };
const paths = { 'h.0.q': sides };

/** An adapter of `h.0.q` that brings these values too. */
function bringing(
  values: Record<string, number[]>,
  config: Partial<LoraConfigInput>,
  shapes: Record<string, number[]> = {},
): Adapter {
  const adapter = randomAdapter(paths, 1, config);
  for (const [name, data] of Object.entries(values)) {
    adapter.tensors.set(name, { shape: shapes[name] ?? [data.length], data: Float32Array.from(data) });
  }
  return adapter;
}

const pair = (one: Adapter, other: Adapter, weights = [0.75, 0.25]) => [
  { adapter: one, weight: weights[0]! },
  { adapter: other, weight: weights[1]! },
];

describe('saved modules', () => {
  const head = { modulesToSave: ['head'] };
  const [one, other] = [bringing({ 'head.weight': [1, 2] }, head), bringing({ 'head.weight': [5, -2] }, head)];
  const bare = randomAdapter(paths, 2);

  it('are averaged where weights sum to 1', () => {
    const { tensors, config } = combine(pair(one, other));
    expect([...tensors.get('head.weight')!.data]).toEqual([2, 1]);
    expect(config.modulesToSave).toEqual(['head']);
  });

  it('come along as they are from the only adapter that has them, at weight 1', () => {
    expect([...combine(pair(one, bare, [1, 0.5])).tensors.get('head.weight')!.data]).toEqual([1, 2]);
  });

  it('are refused under other weights, for that needs the base', async () => {
    for (const weighted of [pair(one, other, [1, 1]), pair(one, bare, [0.7, 0.3])]) {
      expect(await errorOf(() => combine(weighted))).toMatchObject({
        code: 'config-unsupported',
        given: expect.stringContaining('"head.weight"'),
        rule: expect.stringContaining("the base's own"),
        fix: expect.stringContaining('savedFrom'),
      });
    }
  });

  it('come from the adapter that is named, whatever the weights', () => {
    const combined = combine(pair(one, other, [2, 2]), { savedFrom: 1 });
    expect([...combined.tensors.get('head.weight')!.data]).toEqual([5, -2]);
    const without = combine(pair(one, bare, [2, 2]), { savedFrom: 1 });
    expect(without.tensors.has('head.weight')).toBe(false);
    expect(without.config.modulesToSave).toEqual([]);
  });

  it('do not go with factors of the same module, nor with another shape', async () => {
    const whole = bringing({ 'h.0.q.weight': [1] }, { modulesToSave: ['other'] });
    expect(await errorOf(() => combine(pair(bare, whole)))).toMatchObject({ code: 'adapter-mismatch' });
    const longer = bringing({ 'head.weight': [1, 2, 3] }, head);
    expect(await errorOf(() => combine(pair(one, longer)))).toMatchObject({ code: 'shape-mismatch' });
  });
});

describe('trained biases', () => {
  const biased = (bias: 'all' | 'lora_only', value: number) => bringing({ 'h.0.q.bias': [value, 0, 0, 0] }, { bias });

  it('are averaged, and stay what they were: of all modules or of adapted ones', () => {
    for (const bias of ['all', 'lora_only'] as const) {
      const { tensors, config } = combine(pair(biased(bias, 4), biased(bias, 8)));
      expect([tensors.get('h.0.q.bias')!.data[0], config.bias]).toEqual([5, bias]);
    }
  });

  it('of adapted modules are refused where some would be missing', async () => {
    const elsewhere = randomAdapter({ 'h.1.q': sides }, 3, { bias: 'lora_only' });
    for (const other of [elsewhere, randomAdapter(paths, 4)]) {
      const error = await errorOf(() => combine(pair(biased('lora_only', 1), other, [1, 1])));
      expect(error.code).toBe('adapter-mismatch');
    }
  });
});

describe('biases on B', () => {
  const biased = (values: number[], alpha: number) =>
    bringing({ 'h.0.q.lora_B.bias': values }, { loraBias: true, alpha });

  it('add up, times weights and scalings, and those that are missing are zeros', () => {
    const [one, other] = [biased([1, 2, 3, 4], 2), biased([1, 0, 0, -1], 6)];
    const third = randomAdapter({ 'h.1.q': sides }, 5);
    const { config, tensors } = combine([...pair(one, other, [2, -1]), { adapter: third, weight: 1 }], { kind: 'svd' });
    expect(config).toMatchObject({ loraBias: true, rank: 2, alpha: 2 });
    expect([...tensors.get('h.0.q.lora_B.bias')!.data]).toEqual([2 - 3, 4, 6, 8 + 3]);
    expect([...tensors.get('h.1.q.lora_B.bias')!.data]).toEqual([0, 0, 0, 0]);
  });

  it('do not go with an embedding', async () => {
    const table = randomAdapter({ table: { ...sides, embedding: true } }, 6);
    expect(await errorOf(() => combine(pair(biased([0, 0, 0, 1], 2), table)))).toMatchObject({
      code: 'config-unsupported',
      given: expect.stringContaining('"table"'),
    });
  });
});

describe('trained token rows', () => {
  const name = 'embed.token_adapter.trainable_tokens_delta';
  const rows = (tokens: number[] | Record<string, number[]>, data: number[]) =>
    bringing({ [name]: data }, { trainableTokenIndices: tokens }, { [name]: [data.length / 2, 2] });

  it('are averaged row by row, in the order in which tokens come', () => {
    const combined = combine(pair(rows([7, 3], [1, 2, 3, 4]), rows([3, 7], [7, 8, 5, 6])));
    expect(combined.config.trainableTokenIndices).toEqual([7, 3]);
    expect([...combined.tensors.get(name)!.data]).toEqual([2, 3, 4, 5]);
  });

  it('of different tokens stand side by side, each from its adapter at weight 1', () => {
    const combined = combine(pair(rows([1], [1, 2]), rows({ embed: [2] }, [3, 4]), [1, 1]));
    expect(combined.config.trainableTokenIndices).toEqual({ embed: [1, 2] });
    expect([...combined.tensors.get(name)!.data]).toEqual([1, 2, 3, 4]);
  });

  it('are refused by token where weights do not sum to 1, and where the config names others', async () => {
    const error = await errorOf(() => combine(pair(rows([1], [1, 2]), rows([2], [3, 4]))));
    expect(error.given).toContain('token 1 of "embed"');
    const wrong = await errorOf(() => combine(pair(rows([1, 2], [1, 2]), rows([1], [3, 4]))));
    expect(wrong).toMatchObject({ code: 'adapter-mismatch', given: expect.stringContaining('[1, 2]') });
  });
});

it('a table that factors were trained on stays, and has to be the same', async () => {
  const table = (value: number) => {
    const adapter = randomAdapter({ t: { ...sides, embedding: true } }, 7);
    adapter.tensors.set('t.base_layer.weight', { shape: [1], data: Float32Array.of(value) });
    return adapter;
  };
  const combined = combine(pair(table(3), table(3), [1, 1]));
  expect([...combined.tensors.get('t.base_layer.weight')!.data]).toEqual([3]);
  expect(await errorOf(() => combine(pair(table(3), table(4))))).toMatchObject({ code: 'adapter-mismatch' });
});
