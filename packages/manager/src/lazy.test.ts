import type { Adapter, LoraConfigInput } from '@lowrank/core';
import { LoraManager, type LazyLimits } from '@lowrank/manager';
import { describe, errorOf, expect, it, type Tensors } from '@lowrank/testing';
import { memory } from '@tensorflow/tfjs-core';
import { managerOf, valuesOf } from '../test/set-up.js';
import { smallHost } from '../test/small-host.js';

const config: LoraConfigInput = { rank: 2, targetModules: ['query', 'value'] };
const names = ['a', 'b', 'c', 'd', 'e'];
const bytesEach = 4 * 2 * 2 * (5 + 7);

/** A manager of five registered adapters, how often each was loaded, and what each gives. */
async function setUp(tensors: Tensors, limits: LazyLimits) {
  const host = smallHost(tensors);
  const x = tensors.randn([3, 5]);
  const output = () => valuesOf(host.run(x));
  const all = managerOf(host, Object.fromEntries(names.map((name) => [name, config])));
  const adapters = new Map<string, Adapter>();
  const outputs = new Map<string, Float32Array>();
  for (const name of names) {
    all.activate(name);
    adapters.set(name, await all.adapter(name));
    outputs.set(name, output());
  }
  all.dispose();
  const manager = new LoraManager(host, limits);
  const loads: string[] = [];
  for (const name of names) {
    manager.register(name, async () => {
      loads.push(name);
      return adapters.get(name)!;
    });
  }
  const live = () => manager.status().adapters.map(({ name }) => name);
  return { host, x, manager, loads, live, output, outputs, adapters };
}

describe('registered adapters', () => {
  it.onEachBackend('are loaded when they are needed, and the least lately used is let go', async ({ tensors }) => {
    const { manager, loads, live, output, outputs } = await setUp(tensors, { maxLive: 2 });
    const start = memory().numTensors;
    expect(manager.status()).toMatchObject({ adapters: [], registered: names });
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b', 'e']) {
      const got = await manager.withActive(name, output);
      expect(got).toEqual(outputs.get(name));
      expect(live().length).toBeLessThanOrEqual(2);
      expect(live()).toContain(name);
      expect(manager.active).toEqual([]);
    }
    expect(loads).toEqual(['a', 'b', 'c', 'b', 'e']);
    expect(live()).toEqual(['b', 'e']);
    expect(manager.status().registered).toEqual(['a', 'c', 'd']);
    expect(memory().numTensors).toBe(start + 2 * 4);
    manager.dispose();
    expect(memory().numTensors).toBe(start);
    expect(manager.status().registered).toEqual([]);
  });

  it.onEachBackend('are bounded by bytes too', async ({ tensors }) => {
    const { manager, live } = await setUp(tensors, { maxBytes: 3 * bytesEach });
    const bytes = () => manager.status().adapters.reduce((sum, one) => sum + one.bytes, 0);
    for (const name of ['a', 'b', 'c', 'd', 'b', 'e']) {
      (await manager.ready([name]))[Symbol.dispose]();
      expect(bytes()).toBeLessThanOrEqual(3 * bytesEach);
    }
    expect(live()).toEqual(['b', 'd', 'e']);
    manager.dispose();
  });

  it.onEachBackend('are never let go while they are pinned, active or changed', async ({ tensors }) => {
    const { host, x, manager, loads, live, output, outputs } = await setUp(tensors, { maxLive: 2 });
    const held = await manager.ready(['a', 'b', 'a', undefined]);
    const before = live();
    const error = await errorOf(() => manager.ready(['c']));
    expect(error.code).toBe('adapter-busy');
    expect(error.message).toMatch(/"c" beside those in use.*maxLive 2/);
    expect([live(), loads]).toEqual([before, ['a', 'b', 'c']]);
    const rows = manager.forRows(['a', 'b', undefined]);
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    manager.activate('a');
    (await manager.ready(['c']))[Symbol.dispose]();
    expect(live()).toEqual(['a', 'c']);
    expect(() => host.run(x, rows)).toThrow(expect.objectContaining({ code: 'adapter-unknown' }));
    expect(output()).toEqual(outputs.get('a'));
    manager.activate(undefined);
    manager.scale('a', 2);
    (await manager.ready(['d']))[Symbol.dispose]();
    (await manager.ready(['e']))[Symbol.dispose]();
    expect(live()).toEqual(['a', 'e']);
    manager.delete('a');
    expect(() => manager.activate('a')).toThrow(/"a": no adapter of that name/);
    manager.dispose();
  });

  it.onEachBackend('are loaded once, however many ask at the same time', async ({ tensors }) => {
    const { manager, loads, live } = await setUp(tensors, { maxLive: 3 });
    const leases = await Promise.all([manager.ready(['a', 'b']), manager.ready(['b', 'a']), manager.ready(['b'])]);
    expect(loads.toSorted()).toEqual(['a', 'b']);
    leases[0]![Symbol.dispose]();
    leases[1]![Symbol.dispose]();
    for (const name of ['c', 'd', 'e']) (await manager.ready([name]))[Symbol.dispose]();
    expect(live()).toEqual(['b', 'd', 'e']);
    manager.dispose();
  });

  it.onEachBackend('may fail to load, change nothing then, and be asked again', async ({ tensors }) => {
    const { manager, live, output, outputs, adapters } = await setUp(tensors, { maxLive: 2 });
    let tries = 0;
    manager.register('late', async () => {
      tries++;
      if (tries === 1) throw new Error('no network');
      if (tries === 2) return { ...adapters.get('a')!, tensors: new Map() };
      return adapters.get('a')!;
    });
    using _ = await manager.ready(['b']);
    const before = [manager.status(), memory().numTensors];
    await Promise.all([
      expect(manager.withActive('late', output)).rejects.toThrow('no network'),
      expect(manager.ready(['late', 'b'])).rejects.toThrow('no network'),
    ]);
    expect(tries).toBe(1);
    expect([manager.status(), memory().numTensors]).toEqual(before);
    await expect(manager.ready(['late'])).rejects.toMatchObject({ code: 'adapter-mismatch' });
    expect([manager.status(), memory().numTensors]).toEqual(before);
    expect(await manager.withActive('late', output)).toEqual(outputs.get('a'));
    expect(live()).toEqual(['b', 'late']);
    manager.dispose();
  });

  it.onEachBackend('may be deleted while they are loaded', async ({ tensors }) => {
    const { manager, live, adapters } = await setUp(tensors, {});
    let give = (_: Adapter) => {};
    manager.register('slow', () => new Promise((resolve) => (give = resolve)));
    const loading = manager.ready(['slow']);
    manager.delete('slow');
    give(adapters.get('a')!);
    await expect(loading).rejects.toThrow(/"slow": it was deleted while it was loaded/);
    expect(live()).toEqual([]);
    manager.register('slow', async () => adapters.get('b')!);
    using _ = await manager.ready(['slow']);
    expect(live()).toEqual(['slow']);
    manager.dispose();
  });

  it.onEachBackend('are refused where a name is taken, unknown, or not loaded yet', async ({ tensors }) => {
    const { manager, adapters } = await setUp(tensors, {});
    const exists = expect.objectContaining({ code: 'adapter-exists' });
    expect(() => manager.register('a', async () => adapters.get('a')!)).toThrow(exists);
    expect(() => manager.add('a', adapters.get('a')!)).toThrow(exists);
    await expect(manager.ready(['a', 'x'])).rejects.toMatchObject({ code: 'adapter-unknown' });
    expect(() => manager.activate('a')).toThrow(/"a": it is registered, and not loaded now.*manager.ready/);
    expect(() => manager.forRows(['b'])).toThrow(/manager.ready\(\['b'\]\)/);
    expect(manager.status().adapters).toEqual([]);
    manager.dispose();
  });
});
