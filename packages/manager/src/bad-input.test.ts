import { FrozenLinear, planAdapter, type LoraConfigInput } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { describe, errorOf, expect, expectClose, it, type Tensors } from '@lowrank/testing';
import { memory, type Tensor2D } from '@tensorflow/tfjs-core';
import { managerOf, valuesOf } from '../test/set-up.js';
import { smallHost } from '../test/small-host.js';
import { base64, run64 } from '../test/small-host64.js';

const configs: Record<string, LoraConfigInput> = {
  poet: { rank: 2, alpha: 4, targetModules: ['query', 'value'] },
  clerk: { rank: 1, useDora: true, targetModules: ['value', 'out'] },
};

function setUp(tensors: Tensors) {
  const host = smallHost(tensors);
  const manager = managerOf(host, configs);
  manager.activate({ poet: 0.5 });
  const x = tensors.randn([3, 5]);
  const state = () => JSON.stringify([manager.status(), ...valuesOf(host.run(x))]);
  return { host, manager, x, state };
}

describe('what a manager refuses, its state unchanged', () => {
  const cases: [string, (manager: LoraManager) => unknown, string, RegExp][] = [
    ['a name twice', (m) => m.add('poet', planOf(m)), 'adapter-exists', /"poet"/],
    ['an unknown name', (m) => m.activate(['clerk', 'peot']), 'adapter-unknown', /"peot".*poet/],
    ['an unknown name in a scope', (m) => m.withActive('x', () => {}), 'adapter-unknown', /"x".*poet/],
    ['an unknown name to delete', (m) => m.delete('clark'), 'adapter-unknown', /"clark".*clerk/],
    ['one adapter listed twice', (m) => m.activate(['poet', 'clerk', 'poet']), 'config-invalid', /"poet" twice/],
    ['a weight of NaN', (m) => m.activate({ poet: 1, clerk: NaN }), 'config-invalid', /NaN for adapter "clerk"/],
    ['an endless scale', (m) => m.scale('poet', Infinity), 'config-invalid', /Infinity/],
    ['a scale of nothing', (m) => m.scale('poet', { query: 2, qvery: 3 }), 'target-not-found', /"qvery".*query/],
    ['a scale of a module it lacks', (m) => m.scale('poet', { out: 2 }), 'target-not-found', /"out"/],
  ];
  for (const [title, act, code, message] of cases) {
    it.onEachBackend(title, async ({ tensors }) => {
      const { manager, state } = setUp(tensors);
      const [before, held] = [state(), memory().numTensors];
      const error = await errorOf(() => act(manager));
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
      expect([state(), memory().numTensors]).toEqual([before, held]);
      manager.dispose();
    });
  }

  it.onEachBackend('anything once a module was replaced by someone else, which stays', async ({ tensors }) => {
    const { host, manager, state } = setUp(tensors);
    const site = host.get('layers.0.value');
    const foreign = new FrozenLinear(tensors.randn([5, 7]) as Tensor2D);
    host.replace('layers.0.value', foreign);
    const before = state();
    const acts: (() => unknown)[] = [
      () => manager.activate('clerk'),
      () => manager.disabled(),
      () => manager.merge(),
      () => manager.forRows(['poet']),
      () => manager.add('new', planOf(manager)),
    ];
    for (const act of acts) {
      const error = await errorOf(act);
      expect(error.code).toBe('host-changed');
      expect(error.message).toMatch(/"layers.0.value".*someone else has replaced it/);
      expect(state()).toBe(before);
    }
    host.replace('layers.0.value', site);
    manager.activate('clerk');
    host.replace('layers.0.value', foreign);
    manager.dispose();
    expect(host.get('layers.0.value')).toBe(foreign);
    expect(host.get('layers.0.query')).toBeInstanceOf(FrozenLinear);
  });

  it.onEachBackend('a module that another manager has adapted', ({ tensors }) => {
    const { host, manager, state } = setUp(tensors);
    const before = state();
    const other = new LoraManager(host);
    expect(() => other.add('mine', planOf(manager))).toThrow(/another manager/);
    expect(state()).toBe(before);
    manager.dispose();
    other.add('mine', planAdapter(configs['poet']!, host.modules()));
    other.dispose();
  });
});

describe('scale', () => {
  it.onEachBackend(
    'multiplies alpha / rank, all over or by the ends of paths, and 1 is as trained',
    async ({ tensors }) => {
      const host = smallHost(tensors);
      const base = base64(host);
      using manager = managerOf(host, configs);
      const x = tensors.randn([3, 5]);
      manager.activate(['poet', 'clerk']);
      const trained = valuesOf(host.run(x));
      const [poet, clerk] = [await manager.adapter('poet'), await manager.adapter('clerk')];
      manager.scale('poet', 0.5);
      manager.scale('clerk', -2);
      const expected = run64(base, x.dataSync(), [
        { adapter: poet, scale: 0.5 },
        { adapter: clerk, scale: -2 },
      ]);
      const close = { atol: 1e-5, because: 'float32 sums of 7 products, twice' };
      expectClose(valuesOf(host.run(x)), expected, close);
      await manager.merge();
      expectClose(valuesOf(host.run(x)), expected, close);
      manager.unmerge();
      expect(await manager.adapter('poet')).toEqual(poet);
      manager.scale('clerk', 1);
      manager.scale('poet', { query: 3 });
      const scalings = manager.status().layers.map(({ adapters }) => adapters.map(({ scaling }) => scaling));
      expect(scalings).toEqual([[6], [2, 8], [8]]);
      manager.scale('poet', 1);
      expect(valuesOf(host.run(x))).toEqual(trained);
    },
  );
});

function planOf(manager: LoraManager) {
  return planAdapter(configs['poet']!, manager.host.modules());
}
