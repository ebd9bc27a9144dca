import { combine, compare } from '@lowrank/combine';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { randomAdapter } from '../test/random-adapter.js';
import { relativeError, updatesOf } from '../test/updates.js';
import { matrixOf, squares } from './matrix/matrix.js';
import { smallSvd } from './matrix/small-svd.js';

const sides = { in: 13, out: 10, rank: 3 };
const first = randomAdapter({ q: sides, v: sides }, 1, { alpha: 7, useRslora: true });
const second = randomAdapter({ q: { ...sides, rank: 5 }, k: sides }, 2);
const [ones, others] = [updatesOf(first), updatesOf(second)];
const [mine, theirs] = [ones.get('q')!, others.get('q')!];
const dot = mine.reduce((sum, value, at) => sum + value * theirs[at]!, 0);
const norm = (values: Float64Array) => Math.sqrt(squares(values));

describe('compare', () => {
  const { modules, total } = compare(first, second);
  const q = modules.find(({ path }) => path === 'q')!;

  it('gives norms, distance and cosine of the updates', () => {
    expect(q.first!.norm).toBeCloseTo(norm(mine), 10);
    expect(q.second!.norm).toBeCloseTo(norm(theirs), 10);
    expect(q.difference).toBeCloseTo(norm(mine.map((value, at) => value - theirs[at]!)), 10);
    expect(q.cosine).toBeCloseTo(dot / norm(mine) / norm(theirs), 12);
    expect([q.first!.rank, q.second!.rank]).toEqual([3, 5]);
  });

  it('gives the singular values, and over how many directions they spread', () => {
    const values = smallSvd(matrixOf(mine, sides.in, sides.out)).values.subarray(0, 3);
    q.first!.spectrum.forEach((value, at) => expect(value).toBeCloseTo(values[at]!, 10));
    const shares = values.map((value) => value / values.reduce((sum, each) => sum + each, 0));
    const entropy = -shares.reduce((sum, share) => sum + share * Math.log(share), 0);
    expect(q.first!.effectiveRank).toBeCloseTo(Math.exp(entropy), 10);
    expect(q.first!.stableRank).toBeCloseTo(squares(values) / values[0]! ** 2, 10);
  });

  it('counts a module that only one adapts as zeros in the other', () => {
    expect(modules.map(({ path }) => path)).toEqual(['q', 'v', 'k']);
    const [v, k] = [modules[1]!, modules[2]!];
    expect([v.second, v.cosine, k.first, k.cosine]).toEqual([undefined, null, undefined, null]);
    expect(v.difference).toBe(v.first!.norm);
    expect(k.difference).toBeCloseTo(norm(others.get('k')!), 10);
  });

  it('totals over all modules', () => {
    const norms = [ones, others].map((updates) => Math.hypot(...[...updates.values()].map(norm)));
    expect(total.norms[0]).toBeCloseTo(norms[0]!, 10);
    expect(total.norms[1]).toBeCloseTo(norms[1]!, 10);
    expect(total.cosine).toBeCloseTo(dot / norms[0]! / norms[1]!, 12);
    expect(total.difference).toBeCloseTo(Math.hypot(...modules.map((module) => module.difference)), 10);
  });
});

describe('compare sees what is there', () => {
  it('of an adapter and itself: no difference, cosine 1', () => {
    const { total, modules } = compare(first, first);
    expect(total.difference / total.norms[0]).toBeLessThan(1e-14);
    expect(total.cosine).toBeCloseTo(1, 14);
    expect(modules.every(({ cosine }) => Math.abs(cosine! - 1) < 1e-14)).toBe(true);
  });

  it('of an adapter and its opposite: cosine -1', () => {
    expect(compare(first, combine([{ adapter: first, weight: -2 }])).total.cosine).toBeCloseTo(-1, 7);
  });

  it('of two that differ in the last digits: the difference, not rounding', () => {
    const close = combine([{ adapter: first, weight: 1 + 1e-5 }]);
    const { difference, norms } = compare(first, close).total;
    const all = (updates: Map<string, Float64Array>) => [...updates.values()].flatMap((values) => [...values]);
    const expected = relativeError(all(updatesOf(close)), all(ones)) * norms[0];
    expect(difference / expected).toBeCloseTo(1, 6);
  });

  it('of updates that were never trained: zeros', () => {
    const idle = randomAdapter({ q: sides }, 3);
    idle.tensors.get('q.lora_B.weight')!.data.fill(0);
    const [module] = compare(idle, idle).modules;
    expect(module).toMatchObject({ difference: 0, cosine: null, first: { norm: 0, effectiveRank: 0, stableRank: 0 } });
  });

  it('besides updates: saved modules, rows and biases on B, by name', () => {
    const tokens = 'table.token_adapter.trainable_tokens_delta';
    const [one, other] = [3, 4].map((value) => {
      const adapter = randomAdapter({ q: sides }, 4, { loraBias: true, alpha: 6, trainableTokenIndices: [5] });
      adapter.tensors.set('q.lora_B.bias', { shape: [10], data: new Float32Array(10).fill(value) });
      adapter.tensors.set(tokens, { shape: [1, 2], data: Float32Array.of(0, value) });
      return adapter;
    });
    other!.tensors.set('head.weight', { shape: [2], data: Float32Array.of(3, 4) });
    const root = Math.sqrt(10);
    expect(compare(one!, other!).others).toEqual([
      { name: tokens, norms: [3, 4], difference: 1 },
      {
        name: 'q.lora_B.bias',
        norms: [expect.closeTo(6 * root), expect.closeTo(8 * root)],
        difference: expect.closeTo(2 * root),
      },
      { name: 'head.weight', norms: [undefined, 5], difference: undefined },
    ]);
  });

  it('and refuses adapters of two bases', async () => {
    const wide = randomAdapter({ q: { ...sides, out: 11 } }, 5);
    expect(await errorOf(() => compare(first, wide))).toMatchObject({
      code: 'shape-mismatch',
      given: '"q": a linear [13, 10] in the first adapter, a linear [13, 11] in the second',
    });
  });
});
