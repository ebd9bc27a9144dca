import type { LoraConfigInput } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { managerOf, valuesOf } from '../test/set-up.js';
import { smallHost } from '../test/small-host.js';

const configs: Record<string, LoraConfigInput> = {
  poet: { rank: 2, targetModules: ['query', 'out'] },
  clerk: { rank: 3, useDora: true, targetModules: ['value'], modulesToSave: ['out'] },
};

describe('scopes of a manager', () => {
  it.onEachBackend('disabled() is the base to the bit, and gives back what was, merged or not', async ({ tensors }) => {
    const host = smallHost(tensors);
    const x = tensors.randn([3, 5]);
    const output = () => valuesOf(host.run(x));
    const base = output();
    using manager = managerOf(host, configs);
    expect(output()).toEqual(base);
    manager.activate({ poet: 0.5 });
    const poet = output();
    {
      using _ = manager.disabled();
      expect([manager.active, output()]).toEqual([[], base]);
    }
    expect([manager.active, output()]).toEqual([['poet'], poet]);
    await manager.merge();
    const merged = output();
    const inside = await manager.withDisabled(() => output());
    expect(inside).toEqual(base);
    expect([manager.status().merged, output()]).toEqual([true, merged]);
    manager.unmerge();
    expect(output()).toEqual(poet);
  });

  it.onEachBackend('nest, and end in any order', ({ tensors }) => {
    const host = smallHost(tensors);
    const x = tensors.randn([3, 5]);
    const output = () => valuesOf(host.run(x));
    using manager = managerOf(host, configs);
    const of = Object.fromEntries(
      ['poet', 'clerk', ''].map((name) => {
        manager.activate(name || undefined);
        return [name, output()];
      }),
    );
    manager.activate('poet');
    const first = manager.activated('clerk');
    const second = manager.disabled();
    expect(output()).toEqual(of['']);
    first[Symbol.dispose]();
    expect(output()).toEqual(of['']);
    second[Symbol.dispose]();
    second[Symbol.dispose]();
    expect([manager.active, output()]).toEqual([['poet'], of['poet']]);
    {
      using _ = manager.disabled();
      manager.activate('clerk');
      expect(output()).toEqual(of['clerk']);
    }
    expect([manager.active, output()]).toEqual([['poet'], of['poet']]);
  });

  it.onEachBackend('end when their work throws, or deletes what was active outside', async ({ tensors }) => {
    const host = smallHost(tensors);
    const x = tensors.randn([3, 5]);
    const output = () => valuesOf(host.run(x));
    const base = output();
    using manager = managerOf(host, configs);
    manager.activate('poet');
    const poet = output();
    const failing = manager.withActive('clerk', async () => {
      await Promise.resolve();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(output()).toEqual(poet);
    await manager.withActive({ clerk: 1 }, () => manager.delete('poet'));
    expect([manager.active, output()]).toEqual([[], base]);
    await expect(manager.withActive('poet', () => {})).rejects.toMatchObject({ code: 'adapter-unknown' });
  });

  it.onEachBackend('hold merged copies of their own, and free them', async ({ tensors }) => {
    const host = smallHost(tensors);
    const x = tensors.randn([3, 5]);
    const output = () => valuesOf(host.run(x));
    using manager = managerOf(host, configs);
    manager.activate('poet');
    await manager.merge();
    const poet = output();
    const within = await manager.withActive('clerk', async () => {
      const apart = output();
      await manager.merge();
      expect(manager.status()).toMatchObject({ merged: true, active: { clerk: 1 } });
      expect(() => manager.delete('poet')).toThrow(expect.objectContaining({ code: 'adapter-busy' }));
      manager.unmerge();
      expect(output()).toEqual(apart);
      await manager.merge();
      return output();
    });
    expect(within).not.toEqual(poet);
    expect([manager.status().merged, output()]).toEqual([true, poet]);
  });
});
