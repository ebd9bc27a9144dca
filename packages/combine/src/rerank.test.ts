import { rerank } from '@lowrank/combine';
import { loraTensorName } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { randomAdapter } from '../test/random-adapter.js';
import { relativeError, updatesOf } from '../test/updates.js';
import { matrixOf, squares } from './matrix/matrix.js';
import { smallSvd } from './matrix/small-svd.js';

const sides = { 'h.0.q': { in: 14, out: 11, rank: 6 }, 'h.1.q': { in: 9, out: 13, rank: 2 } };
const adapter = randomAdapter(sides, 1, { alpha: 5, useRslora: true });
const before = updatesOf(adapter);
const spectra = new Map(
  Object.entries(sides).map(([path, { in: rows, out }]) => [
    path,
    smallSvd(matrixOf(before.get(path)!, rows, out)).values,
  ]),
);
const least = (path: string, rank: number) =>
  Math.sqrt(squares(spectra.get(path)!.subarray(rank)) / squares(spectra.get(path)!));

describe('rerank', () => {
  it('to a rank is the nearest there is, and says how near', () => {
    const { adapter: cut, modules } = rerank(adapter, { rank: 3 });
    expect(modules.map(({ path, from, rank }) => [path, from, rank])).toEqual([
      ['h.0.q', 6, 3],
      ['h.1.q', 2, 2],
    ]);
    const after = updatesOf(cut);
    for (const { path, rank, error } of modules) {
      expect(Math.abs(error - least(path, rank))).toBeLessThan(1e-12);
      expect(Math.abs(relativeError(after.get(path)!, before.get(path)!) - error)).toBeLessThan(3e-7);
    }
  });

  it('to an energy takes the smallest rank of each module that keeps it', () => {
    for (const energy of [0.3, 0.8, 0.99]) {
      for (const { path, rank, error } of rerank(adapter, { energy }).modules) {
        expect(1 - error ** 2).toBeGreaterThanOrEqual(energy - 1e-12);
        if (rank > 1) expect(1 - least(path, rank - 1) ** 2).toBeLessThan(energy);
      }
    }
  });

  it('to its own rank or more gives the adapter back', () => {
    for (const to of [{ rank: 6 }, { rank: 100 }, { energy: 1 }]) {
      const { adapter: same, modules } = rerank(adapter, to);
      expect(modules.map(({ rank }) => rank)).toEqual([6, 2]);
      const after = updatesOf(same);
      for (const [path, update] of before) expect(relativeError(after.get(path)!, update)).toBeLessThan(3e-7);
    }
  });

  it('finds the rank that an update really has', () => {
    const wasteful = randomAdapter({ q: { in: 8, out: 7, rank: 4 } }, 2);
    const b = wasteful.tensors.get('q.lora_B.weight')!.data;
    b.copyWithin(7, 0, 7);
    b.copyWithin(14, 0, 7);
    const [module] = rerank(wasteful, { energy: 1 - 1e-12 }).modules;
    expect(module).toMatchObject({ from: 4, rank: 2 });
  });

  it('keeps what the adapter brings besides', () => {
    const full = randomAdapter({ q: { in: 8, out: 7, rank: 4 } }, 3, {
      loraBias: true,
      alpha: 8,
      modulesToSave: ['head'],
    });
    full.tensors.set(loraTensorName('q', 'lora_B.bias'), { shape: [7], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7) });
    full.tensors.set('head.weight', { shape: [2], data: Float32Array.of(8, 9) });
    const { tensors, config } = rerank(full, { rank: 2 }).adapter;
    expect([...tensors.get('q.lora_B.bias')!.data]).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(tensors.get('head.weight')).toEqual(full.tensors.get('head.weight'));
    expect(config).toMatchObject({ rank: 2, alpha: 2, loraBias: true, modulesToSave: ['head'] });
  });

  it('takes one of a rank and an energy, in its range', async () => {
    const wrong = [{}, { rank: 2, energy: 0.5 }, { rank: 0 }, { rank: 1.5 }, { energy: 0 }, { energy: 1.1 }];
    for (const to of wrong) {
      expect(await errorOf(() => rerank(adapter, to as { rank: number }))).toMatchObject({ code: 'config-invalid' });
    }
  });

  it('leaves an update of zeros at rank 1, with no error', () => {
    const idle = randomAdapter({ q: { in: 8, out: 7, rank: 4 } }, 4);
    idle.tensors.get('q.lora_B.weight')!.data.fill(0);
    expect(rerank(idle, { energy: 0.9 }).modules).toEqual([{ path: 'q', from: 4, rank: 1, error: 0 }]);
  });
});
