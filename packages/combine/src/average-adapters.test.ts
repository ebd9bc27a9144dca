import { averageAdapters } from '@lowrank/combine';
import type { Adapter } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { randomAdapter } from '../test/random-adapter.js';
import { relativeError, summed, updatesOf } from '../test/updates.js';
import { matrixOf, squares } from './matrix/matrix.js';
import { smallSvd } from './matrix/small-svd.js';

const sides = { 'h.0.q': { in: 26, out: 19, rank: 4 }, 'h.1.q': { in: 12, out: 17, rank: 3 } };
const workers = [1, 2, 3].map((seed) => randomAdapter(sides, seed, { alpha: 5 }));
const frozen = workers.map((adapter) => withA(adapter, workers[0]!));
const weights = [3, 1, 4];
const shares = weights.map((weight) => weight / 8);
const orders = [
  [2, 0, 1],
  [1, 2, 0],
  [2, 1, 0],
];

describe('frozen-a', () => {
  it('is the mean of the updates, whatever each counts', () => {
    const { adapter, modules } = averageAdapters(frozen, { method: 'frozen-a', weights });
    const [made, mean] = [updatesOf(adapter), summed(frozen, shares)];
    for (const [path, update] of mean) expect(relativeError(made.get(path)!, update), path).toBeLessThan(1e-7);
    expect(modules.map(({ error }) => error)).toEqual([0, 0]);
    for (const path of mean.keys()) expect(factor(adapter, path, 'A')).toEqual(factor(frozen[0]!, path, 'A'));
  });

  it('of one worker is that worker, to the bit', () => {
    const { adapter } = averageAdapters([workers[1]!], { method: 'frozen-a' });
    expect(adapter.tensors).toEqual(workers[1]!.tensors);
    expect(adapter.config).toMatchObject({ rank: 4, alpha: 5 });
  });

  it('refuses another A, which would not average the products', async () => {
    expect(await errorOf(() => averageAdapters(workers, { method: 'frozen-a' }))).toMatchObject({
      code: 'adapter-mismatch',
      given: expect.stringContaining('"h.0.q"'),
      fix: expect.stringContaining('product'),
    });
  });
});

describe('product', () => {
  it('is the nearest to the mean of that rank, and says how near', () => {
    const { adapter, modules } = averageAdapters(workers, { method: 'product', weights });
    const [made, mean] = [updatesOf(adapter), summed(workers, shares)];
    for (const { path, rank, error } of modules) {
      const { in: rows, out } = sides[path as keyof typeof sides];
      const { values } = smallSvd(matrixOf(mean.get(path)!, rows, out));
      expect(Math.abs(error - Math.sqrt(squares(values.subarray(rank)) / squares(values)))).toBeLessThan(1e-12);
      expect(Math.abs(relativeError(made.get(path)!, mean.get(path)!) - error)).toBeLessThan(3e-7);
      expect(error).toBeGreaterThan(0.1);
    }
    expect(modules.map(({ rank }) => rank)).toEqual([4, 3]);
  });

  it('keeps the scaling and the size of A, so that training goes on as it was', () => {
    const { adapter } = averageAdapters(workers, { method: 'product' });
    expect(adapter.config).toMatchObject({ rank: 4, alpha: 5 });
    const size = ({ data }: { data: ArrayLike<number> }) => squares(data);
    const before = workers.reduce((sum, worker) => sum + size(factor(worker, 'h.0.q', 'A')) / 3, 0);
    expect(Math.abs(size(factor(adapter, 'h.0.q', 'A')) / before - 1)).toBeLessThan(1e-6);
  });

  it('of a worker with itself loses nothing', () => {
    const { adapter, modules } = averageAdapters([workers[0]!, workers[0]!], { method: 'product' });
    const made = updatesOf(adapter);
    for (const [path, update] of updatesOf(workers[0]!)) {
      expect(relativeError(made.get(path)!, update), path).toBeLessThan(3e-7);
    }
    for (const { error } of modules) expect(error).toBeLessThan(1e-7);
  });

  it('of what was not trained is not trained, with A ready to learn', () => {
    const idle = workers.map(({ config, tensors }) => ({
      config,
      tensors: new Map(
        Array.from(tensors, ([name, { shape, data }]) => [
          name,
          { shape, data: name.includes('lora_B') ? data.map(() => 0) : data },
        ]),
      ),
    }));
    const { adapter } = averageAdapters(idle, { method: 'product' });
    expect(factor(adapter, 'h.0.q', 'B').data.every((value) => value === 0)).toBe(true);
    expect(squares(factor(adapter, 'h.0.q', 'A').data)).toBeGreaterThan(1);
  });
});

it('is the same to the bit in whatever order the workers come', () => {
  for (const method of ['frozen-a', 'product'] as const) {
    const own = method === 'product' ? workers : frozen;
    const first = averageAdapters(own, { method, weights }).adapter.tensors;
    for (const order of orders) {
      const turned = { method, weights: order.map((at) => weights[at]!) };
      expect(
        averageAdapters(
          order.map((at) => own[at]!),
          turned,
        ).adapter.tensors,
      ).toEqual(first);
    }
  }
});

it('refuses averaging the factors, weights that count nothing, and adapters of two starts', async () => {
  const wrong: [Adapter[], unknown, string][] = [
    [workers, { method: 'factors' }, 'config-invalid'],
    [[], { method: 'product' }, 'config-invalid'],
    [workers, { method: 'product', weights: [1, 2] }, 'config-invalid'],
    [workers, { method: 'product', weights: [0, 0, 0] }, 'config-invalid'],
    [workers, { method: 'product', weights: [1, -1, 2] }, 'config-invalid'],
    [[workers[0]!, randomAdapter(sides, 4, { alpha: 6 })], { method: 'product' }, 'adapter-mismatch'],
    [
      [workers[0]!, randomAdapter({ 'h.0.q': sides['h.0.q'] }, 4, { alpha: 5 })],
      { method: 'product' },
      'adapter-mismatch',
    ],
  ];
  for (const [adapters, options, code] of wrong) {
    expect(await errorOf(() => averageAdapters(adapters, options as { method: 'product' }))).toMatchObject({ code });
  }
});

function factor({ tensors }: Adapter, path: string, which: 'A' | 'B') {
  return tensors.get(`${path}.lora_${which}.weight`)!;
}

function withA({ config, tensors }: Adapter, { tensors: own }: Adapter): Adapter {
  return {
    config,
    tensors: new Map(
      Array.from(tensors, ([name, tensor]) => [name, name.includes('lora_A') ? own.get(name)! : tensor]),
    ),
  };
}
