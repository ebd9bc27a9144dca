import { combine, type CombineKind, type CombineOptions } from '@lowrank/combine';
import type { Adapter } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { randomAdapter, type ModuleSides } from '../test/random-adapter.js';
import { relativeError, summed, updatesOf } from '../test/updates.js';

const every: CombineOptions[] = [
  { kind: 'cat' },
  { kind: 'linear' },
  { kind: 'svd' },
  ...(['magnitude_prune', 'dare_linear', 'ties', 'dare_ties'] as const).flatMap((kind) => [
    { kind, density: 0.4 },
    { kind: `${kind}_svd` as CombineKind, density: 0.4 },
  ]),
  { kind: 'ties', density: 0.4, majoritySign: 'frequency' },
  { kind: 'ties_svd', density: 0.4, majoritySign: 'frequency' },
  { kind: 'dare_ties_svd', density: 0.1, seed: 7 },
];

const mixed: Record<string, ModuleSides> = {
  'model.layers.0.q_proj': { in: 12, out: 9, rank: 3 },
  'model.layers.1.q_proj': { in: 12, out: 9, rank: 5 },
  'model.embed': { in: 17, out: 12, rank: 2, embedding: true },
};
const patterns = { alphaPattern: { 'layers.1.q_proj': 7 } };
const plain = randomAdapter(mixed, 1, patterns);
const stable = randomAdapter(mixed, 2, { ...patterns, useRslora: true, alpha: 1.7 });

describe('one adapter at weight 1', () => {
  for (const options of every) {
    it(`gives itself back, ${JSON.stringify(options)}`, () => {
      for (const adapter of [plain, stable]) {
        const combined = combine([{ adapter, weight: 1 }], options);
        const exact = !options.kind?.endsWith('svd');
        if (exact) expect(combined.tensors).toEqual(adapter.tensors);
        expectSame(combined, updatesOf(adapter), exact ? 4e-15 : 3e-7);
        const shapes = ({ tensors }: Adapter) => Array.from(tensors, ([name, { shape }]) => [name, shape]);
        expect(shapes(combined)).toEqual(shapes(adapter));
      }
    });
  }
});

describe('cat', () => {
  it('is the weighted sum of the updates, whatever ranks, scalings, modules and signs', () => {
    const other = randomAdapter(
      { 'model.layers.1.q_proj': { in: 12, out: 9, rank: 4 }, 'model.layers.2.v_proj': { in: 9, out: 6, rank: 1 } },
      3,
      { alpha: 11 },
    );
    const [adapters, weights] = [
      [plain, stable, other],
      [0.7, -1.3, 2],
    ];
    const combined = combine(adapters.map((adapter, at) => ({ adapter, weight: weights[at]! })));
    expectSame(combined, summed(adapters, weights), 3e-7);
    expect(combined.tensors.get('model.layers.1.q_proj.lora_A.weight')?.shape).toEqual([12, 14]);
    expect(combined.config).toMatchObject({ useRslora: false, init: 'kaiming' });
  });

  it('keeps the scaling that all share, so that A and B are those that went in', () => {
    const twin = randomAdapter(mixed, 4, patterns);
    const combined = combine([plain, twin].map((adapter) => ({ adapter, weight: 1 })));
    const [a, own] = [combined, plain].map(({ tensors }) => tensors.get('model.layers.0.q_proj.lora_A.weight')!);
    for (let row = 0; row < 12; row++) {
      expect(a!.data.slice(row * 6, row * 6 + 3)).toEqual(own!.data.slice(row * 3, row * 3 + 3));
    }
  });

  it('takes factors of convolutions as they lie, the rank last in A and last but one in B', () => {
    const conv = (seed: number) => {
      const { config, tensors } = randomAdapter({ conv: { in: 18, out: 4, rank: 2 } }, seed);
      const [a, b] = [tensors.get('conv.lora_A.weight')!, tensors.get('conv.lora_B.weight')!];
      a.shape = [3, 3, 2, 2];
      b.shape = [1, 1, 2, 4];
      return { config, tensors };
    };
    const adapters = [conv(1), conv(2)];
    const combined = combine(adapters.map((adapter) => ({ adapter, weight: 0.5 })));
    expect(combined.tensors.get('conv.lora_A.weight')?.shape).toEqual([3, 3, 2, 4]);
    expect(combined.tensors.get('conv.lora_B.weight')?.shape).toEqual([1, 1, 4, 4]);
    expectSame(combined, summed(adapters, [0.5, 0.5]), 3e-7);
  });
});

describe('linear', () => {
  it('is not the sum of the updates: it has cross terms', () => {
    const sides = { q: { in: 30, out: 20, rank: 4 } };
    const adapters = [randomAdapter(sides, 5), randomAdapter(sides, 6)];
    const halves = adapters.map((adapter) => ({ adapter, weight: 0.5 }));
    const error = relativeError(
      updatesOf(combine(halves, { kind: 'linear' })).get('q')!,
      summed(adapters, [0.5, 0.5]).get('q')!,
    );
    expect(error).toBeGreaterThan(0.5);
  });

  it('refuses ranks that differ, and names the module, both ranks and the way out', async () => {
    const [one, other] = [3, 4].map((rank) => randomAdapter({ 'a.q': { in: 5, out: 6, rank } }, rank));
    for (const kind of ['linear', 'ties', 'dare_linear', 'dare_ties', 'magnitude_prune'] as const) {
      const options = kind === 'linear' ? { kind } : { kind, density: 0.5 };
      const error = await errorOf(() =>
        combine(
          [
            { adapter: one!, weight: 1, name: 'poet' },
            { adapter: other!, weight: 1 },
          ],
          options,
        ),
      );
      expect(error).toMatchObject({
        code: 'shape-mismatch',
        given: '"a.q": rank 3 in poet, 4 in adapter 2',
        fix: expect.stringContaining('"cat"'),
      });
    }
  });
});

it('dare drops the same for the same seed, and else for another', () => {
  const of = (seed: number) =>
    combine(
      [plain, stable].map((adapter) => ({ adapter, weight: 1 })),
      { kind: 'dare_linear', density: 0.5, seed },
    );
  expect(of(1).tensors).toEqual(of(1).tensors);
  expect(of(1).tensors).not.toEqual(of(2).tensors);
});

function expectSame(adapter: Adapter, expected: Map<string, Float64Array>, error: number): void {
  const updates = updatesOf(adapter);
  expect([...updates.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [path, update] of updates) expect(relativeError(update, expected.get(path)!), path).toBeLessThan(error);
}
