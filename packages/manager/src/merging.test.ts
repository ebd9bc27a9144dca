import { FrozenLinear, holdForTraining, type FrozenModule, type LoraConfigInput } from '@lowrank/core';
import { describe, expect, expectClose, it, type Tensors } from '@lowrank/testing';
import { memory, type Tensor } from '@tensorflow/tfjs-core';
import { layeredHost } from '../test/layered-host.js';
import { managerOf, valuesOf } from '../test/set-up.js';
import { smallHost, type SmallHost } from '../test/small-host.js';

const configs: Record<string, LoraConfigInput> = {
  poet: { rank: 2, alpha: 4, targetModules: ['query', 'value'] },
  clerk: { rank: 1, useDora: true, targetModules: ['value', 'out'] },
  spare: { rank: 2, targetModules: ['value'] },
};
const close = { atol: 2e-5, because: 'float32 sums in another order' };

function setUp(tensors: Tensors) {
  const host = smallHost(tensors);
  const manager = managerOf(host, configs);
  const x = tensors.randn([3, 5]);
  return { host, manager, output: () => valuesOf(host.run(x)), ...watched(host) };
}

/** The bits of the base's own weights. */
function watched(host: SmallHost) {
  const bases = host.modules().map(({ path }) => (host.get(path) as unknown as { base: FrozenModule }).base);
  return { baseBits: () => bases.map(({ weight }) => (weight as Tensor).dataSync().slice()) };
}

describe('merging live adapters', () => {
  for (const activation of ['poet', ['poet', 'clerk'], { poet: 0.5, clerk: -1.5, spare: 2 }]) {
    it.onEachBackend(`is undone to the bit: ${JSON.stringify(activation)}`, async ({ tensors }) => {
      const { manager, output, baseBits } = setUp(tensors);
      const [bits, base] = [baseBits(), output()];
      manager.activate(activation);
      const apart = output();
      const before = memory().numTensors;
      await manager.merge();
      await manager.merge();
      expectClose(output(), apart, close);
      expect(output()).not.toEqual(apart);
      manager.unmerge();
      expect(output()).toEqual(apart);
      expect(memory().numTensors).toBe(before);
      await manager.merge();
      manager.activate(undefined);
      expect(output()).toEqual(base);
      expect(baseBits()).toEqual(bits);
      manager.dispose();
    });
  }

  it.onEachBackend('computes as plain layers do, with the very weights that it shows', async ({ tensors }) => {
    const { host, manager, output } = setUp(tensors);
    manager.activate(['poet', 'clerk']);
    await manager.merge();
    const shown = host
      .modules()
      .map(({ path }) => [path, host.get(path) as FrozenModule & { enabled: boolean }] as const);
    const merged = output();
    for (const [path, { weight, bias }] of shown) {
      expect(host.get(path)).toMatchObject({ enabled: true, merged: true });
      host.replace(path, new FrozenLinear(weight as never, bias));
    }
    expect(output()).toEqual(merged);
    for (const [path, site] of shown) host.replace(path, site);
    manager.dispose();
  });

  it.onEachBackend('refuses values that are not finite, and stays unmerged', async ({ tensors }) => {
    const { manager, output } = setUp(tensors);
    manager.activate(['poet', 'clerk']);
    const apart = output();
    const { variable } = manager.parameters('poet').at(-1)!;
    const healthy = tensors.of(variable.dataSync().slice(), variable.shape);
    const before = memory().numTensors;
    variable.assign(tensors.of(new Float32Array(variable.size).fill(NaN), variable.shape));
    await expect(manager.merge()).rejects.toThrow(/"layers.0.value".*finite/);
    expect([manager.status().merged, memory().numTensors]).toEqual([false, before + 1]);
    variable.assign(healthy);
    expect(output()).toEqual(apart);
    manager.dispose();
  });

  it.onEachBackend('is refused while a run trains one of them', async ({ tensors }) => {
    const { manager } = setUp(tensors);
    manager.activate(['poet', 'clerk']);
    const run = holdForTraining(manager.parameters('clerk'));
    const twice = holdForTraining(manager.parameters('clerk'));
    await expect(manager.merge()).rejects.toThrow(/merging "clerk": a run trains it now/);
    expect(() => manager.delete('clerk')).toThrow(/deleting "clerk"/);
    run[Symbol.dispose]();
    run[Symbol.dispose]();
    await expect(manager.merge()).rejects.toMatchObject({ code: 'adapter-busy' });
    expect(manager.status()).toMatchObject({ merged: false, active: { clerk: 1, poet: 1 } });
    twice[Symbol.dispose]();
    await manager.merge();
    expect(manager.status().merged).toBe(true);
    manager.dispose();
  });

  it.onEachBackend('is given up where something else is activated meanwhile', async ({ tensors }) => {
    const { manager, output } = setUp(tensors);
    manager.activate('clerk');
    const clerk = output();
    manager.activate('poet');
    const before = memory().numTensors;
    const merging = manager.merge();
    manager.activate('clerk');
    await expect(merging).rejects.toThrow(/merging "poet".*await merge\(\)/);
    expect([manager.status().merged, memory().numTensors]).toEqual([false, before]);
    expect(output()).toEqual(clerk);
    await Promise.allSettled([manager.merge(), manager.merge()]);
    expect(manager.status().merged).toBe(true);
    manager.dispose();
  });

  it.onEachBackend('lets no merged adapter be changed or deleted', async ({ tensors }) => {
    const { manager, output } = setUp(tensors);
    manager.activate(['poet', 'clerk']);
    await manager.merge();
    const merged = output();
    const busy = expect.objectContaining({ code: 'adapter-busy' });
    expect(() => manager.delete('poet')).toThrow(busy);
    expect(() => manager.scale('clerk', 2)).toThrow(/scaling "clerk": it is merged.*unmerge first/);
    manager.delete('spare');
    expect(output()).toEqual(merged);
    manager.unmerge();
    manager.delete('poet');
    expect(manager.active).toEqual(['clerk']);
    manager.dispose();
  });

  it.onEachBackend('leaves what is trained whole as it is, and merges rows of tokens', async ({ tensors }) => {
    const host = layeredHost(tensors);
    const ids = tensors.of([2, 7, 1, 9, 4, 2], [2, 3], 'int32');
    using manager = managerOf(host, {
      whole: { rank: 1, targetModules: ['query'], modulesToSave: ['norm'] },
      tokens: { rank: 1, targetModules: ['query', 'positions'], trainableTokenIndices: { embed: [2, 7] } },
      more: { rank: 1, targetModules: ['query'], trainableTokenIndices: { embed: [9] } },
    });
    manager.activate(['whole', 'tokens', 'more']);
    const apart = valuesOf(host.run(ids));
    await manager.merge();
    expectClose(valuesOf(host.run(ids)), apart, close);
  });
});
