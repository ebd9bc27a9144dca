import { compare, extract, type ExtractedModule, type WeightSource } from '@lowrank/combine';
import { randomFloats } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { randomAdapter } from '../../test/random-adapter.js';
import { relativeError, updatesOf } from '../../test/updates.js';
import { modules, sourceOf, tuned, weightsOf } from '../../test/weights.js';
import { matrixOf, squares } from '../matrix/matrix.js';
import { smallSvd } from '../matrix/small-svd.js';

const base = weightsOf(1);
const given = randomAdapter(
  {
    embed: { in: 11, out: 8, rank: 2, embedding: true },
    'h.0.q': { in: 8, out: 6, rank: 2 },
    'h.0.turned': { in: 6, out: 9, rank: 2 },
  },
  2,
);
const updates = updatesOf(given);
const after = tuned(base, {
  'embed.weight': { update: updates.get('embed')! },
  'h.0.q.weight': { update: updates.get('h.0.q')!, turned: true },
  'h.0.turned.weight': { update: updates.get('h.0.turned')! },
});
const targetModules = ['embed', 'q', 'turned'];

describe('a difference of low rank', () => {
  it('comes out as the adapter that made it, linears, Conv1D and tables', async () => {
    const {
      adapter,
      modules: found,
      leftOut,
    } = await extract(sourceOf(base), sourceOf(after), { rank: 2, targetModules });
    // Weights are float32, and so is their difference.
    for (const [path, update] of updatesOf(adapter))
      expect(relativeError(update, updates.get(path)!)).toBeLessThan(1e-6);
    expect(compare(adapter, given).total.cosine).toBeCloseTo(1, 11);
    for (const { rank, error } of found) expect([rank, error < 1e-6]).toEqual([2, true]);
    expect(leftOut).toEqual([]);
    expect(adapter.config).toMatchObject({ rank: 2, alpha: 2, fanInFanOut: true, targetModules });
    expect(adapter.tensors.get('embed.lora_embedding_A')!.shape).toEqual([11, 2]);
    expect(adapter.tensors.get('h.0.q.lora_A.weight')!.shape).toEqual([8, 2]);
    expect(adapter.tensors.get('h.0.turned.lora_B.weight')!.shape).toEqual([2, 9]);
  });

  it('is found by energy, at its own rank', async () => {
    const { modules: found } = await extract(sourceOf(base), sourceOf(after), { energy: 1 - 1e-9, targetModules });
    expect(found.map(({ rank }) => rank)).toEqual([2, 2, 2]);
  });
});

describe('a difference of full rank', () => {
  const change = randomFloats(48, { distribution: 'normal', seed: 9 });
  const other = tuned(base, { 'h.0.q.weight': { update: change } });
  const difference = other.get('h.0.q.weight')!.data.map((value, at) => value - base.get('h.0.q.weight')!.data[at]!);
  const { values } = smallSvd(matrixOf(difference, 6, 8));

  it('loses just what the singular values beyond the rank hold, and says so', async () => {
    for (const rank of [1, 3, 6, 20]) {
      const { modules: found } = await extract(sourceOf(base), sourceOf(other), { rank, targetModules: ['q'] });
      const [{ norm, error, rank: kept }] = found as [ExtractedModule];
      expect(kept).toBe(Math.min(rank, 6));
      expect(norm).toBeCloseTo(Math.sqrt(squares(values)), 6);
      expect(error).toBeCloseTo(Math.sqrt(squares(values.subarray(rank)) / squares(values)), 6);
    }
  });

  it('needs more rank for more energy', async () => {
    const rankFor = async (energy: number) =>
      (await extract(sourceOf(base), sourceOf(other), { energy, targetModules: ['q'] })).modules[0]!.rank;
    for (const energy of [0.5, 0.9, 0.99, 1]) {
      const [rank, all] = [await rankFor(energy), squares(values)];
      expect(squares(values.subarray(0, rank)) / all).toBeGreaterThanOrEqual(energy - 1e-6);
      if (rank > 1) expect(squares(values.subarray(0, rank - 1)) / all).toBeLessThan(energy);
    }
  });
});

describe('extract', () => {
  const all = tuned(after, {
    'h.0.q.bias': { update: [1, 0, 0, 0, 0, 0] },
    'head.weight': { update: new Float32Array(40).fill(0.5) },
    'h.0.norm.weight': { update: [3, 0, 0, 4, 0, 0, 0, 0] },
  });

  it('names what differs and no adapter takes along, and how much', async () => {
    const { leftOut } = await extract(sourceOf(base), sourceOf(all), { rank: 2, targetModules: ['q', 'turned'] });
    expect(leftOut.map(({ name }) => name)).toEqual(['embed.weight', 'h.0.q.bias', 'h.0.norm.weight', 'head.weight']);
    expect(leftOut[2]!.norm).toBeCloseTo(5, 5);
    expect(leftOut[2]!.baseNorm).toBeCloseTo(Math.sqrt(squares(base.get('h.0.norm.weight')!.data)), 5);
  });

  it('takes saved modules and biases along as they are', async () => {
    const { adapter, leftOut } = await extract(sourceOf(base), sourceOf(all), {
      rank: 2,
      targetModules,
      modulesToSave: ['head', 'norm'],
      bias: 'all',
    });
    for (const name of ['head.weight', 'h.0.norm.weight', 'h.0.q.bias']) {
      expect(adapter.tensors.get(name)).toEqual(all.get(name));
    }
    expect(adapter.config).toMatchObject({ modulesToSave: ['head', 'norm'], bias: 'all' });
    expect(leftOut).toEqual([]);
  });

  it('takes all linears but the head by default', async () => {
    const { modules: found } = await extract(sourceOf(base), sourceOf(after), { rank: 1 });
    expect(found.map(({ path }) => path)).toEqual(['h.0.q', 'h.0.turned']);
  });

  it('holds one module of each model at a time, and tells of it', async () => {
    const log: string[] = [];
    const logged = (weights: typeof base, name: string): WeightSource => ({
      ...sourceOf(weights),
      read: async (tensor) => {
        log.push(`${name} ${tensor}`);
        return weights.get(tensor)!;
      },
    });
    const onModule = ({ path }: ExtractedModule) => void log.push(`done ${path}`);
    await extract(logged(base, 'base'), logged(after, 'tuned'), { rank: 1, targetModules: ['q', 'turned'], onModule });
    expect(log.slice(0, 6)).toEqual([
      'base h.0.q.weight',
      'tuned h.0.q.weight',
      'done h.0.q',
      'base h.0.turned.weight',
      'tuned h.0.turned.weight',
      'done h.0.turned',
    ]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const onModule = () => stop.abort(new Error('enough'));
    const run = extract(sourceOf(base), sourceOf(after), { rank: 1, onModule, signal: stop.signal });
    await expect(run).rejects.toThrow('enough');
  });
});

describe('extract refuses', () => {
  const run = (other: WeightSource, options = {}) =>
    errorOf(() => extract(sourceOf(base, 'the base'), other, { rank: 1, ...options }));

  it('models that are the same', async () => {
    expect(await run(sourceOf(base, 'its copy'))).toMatchObject({
      code: 'config-invalid',
      given: 'the base and its copy',
      rule: expect.stringContaining('the same in every target'),
    });
  });

  it('a target of another shape, by name, but only says so of other modules', async () => {
    const wide = new Map(after).set('h.0.q.weight', { shape: [7, 8], data: new Float32Array(56) });
    expect(await run(sourceOf(wide, 'wide'))).toMatchObject({
      code: 'shape-mismatch',
      given: '"h.0.q.weight": [6, 8] in the base, [7, 8] in wide',
    });
    const longer = new Map(after).set('embed.weight', { shape: [12, 8], data: new Float32Array(96) });
    const { leftOut } = await extract(sourceOf(base), sourceOf(longer), { rank: 1 });
    expect(leftOut).toEqual([{ name: 'embed.weight', norm: null, baseNorm: expect.any(Number) }]);
  });

  it('a tuned model without a target, and says what only one has', async () => {
    const without = modules.filter(({ path }) => path !== 'h.0.turned');
    expect((await run(sourceOf(after, 'less', without))).given).toBe('"h.0.turned", which less does not have');
    const { leftOut } = await extract(sourceOf(base), sourceOf(after, 'less', without), {
      rank: 2,
      targetModules: ['q', 'embed'],
    });
    expect(leftOut).toEqual([{ name: 'h.0.turned.weight', norm: null, baseNorm: expect.any(Number) }]);
  });

  it('a target that is a convolution', async () => {
    const conv = { path: 'conv', kind: 'conv2d', in: 8, out: 5, kernel: [3, 3], parameters: 360, bytes: 1440 };
    const run = extract(sourceOf(base, 'a', [...modules, conv]), sourceOf(after), { rank: 1, targetModules: ['conv'] });
    expect(await errorOf(() => run)).toMatchObject({ code: 'config-unsupported', given: 'target "conv"' });
  });

  it('values that are not finite, targets that are not there, a size out of range', async () => {
    const broken = new Map(after).set('h.0.q.weight', { shape: [6, 8], data: new Float32Array(48).fill(NaN) });
    expect((await run(sourceOf(broken, 'broken'))).given).toBe('value 0 of "h.0.q.weight" of broken, NaN');
    expect(await run(sourceOf(after), { targetModules: ['qq'] })).toMatchObject({ code: 'target-not-found' });
    expect(await run(sourceOf(after), { energy: 0.5 })).toMatchObject({ code: 'config-invalid' });
  });
});
