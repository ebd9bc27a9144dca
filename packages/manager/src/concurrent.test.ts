import type { LoraConfigInput } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { dice } from '../test/dice.js';
import { managerOf, valuesOf } from '../test/set-up.js';
import { smallHost } from '../test/small-host.js';

const configs: Record<string, LoraConfigInput> = {
  a: { rank: 2, targetModules: ['query', 'out'] },
  b: { rank: 3, useRslora: true, targetModules: ['query', 'value'] },
  c: { rank: 1, useDora: true, targetModules: ['out'] },
};

describe('requests that run at the same time', () => {
  it.onEachBackend('never see each other’s adapters, nor what is active, merged or disabled', async ({ tensors }) => {
    const host = smallHost(tensors);
    using manager = managerOf(host, configs);
    const choices = ['a', 'b', 'c', undefined];
    const x = tensors.randn([4, 5]);
    const rowsOf = (output: Float32Array) => [0, 1, 2, 3].map((row) => output.slice(4 * row, 4 * row + 4).join());
    const request = (names: (string | undefined)[]) => rowsOf(valuesOf(host.run(x, manager.forRows(names))));
    // Alone, in a batch that is mixed alike: the same rows in the same groups give the same bits.
    const alone = new Map<string, string[]>();
    const key = (names: (string | undefined)[]) => names.join();
    const all = choices.flatMap((one) => choices.map((other) => [one, other, one, 'b']));
    for (const names of all) alone.set(key(names), request(names));

    let interleaved = 0;
    let last = -1;
    const client = async (id: number) => {
      const roll = dice(id + 1);
      for (let turn = 0; turn < 40; turn++) {
        const names = all[roll(all.length)]!;
        const context = manager.forRows(names);
        for (let waits = roll(4); waits > 0; waits--) await Promise.resolve();
        if (last !== id) interleaved++;
        last = id;
        expect(rowsOf(valuesOf(host.run(x, context)))).toEqual(alone.get(key(names)));
      }
    };
    const meddler = async () => {
      const roll = dice(99);
      for (let turn = 0; turn < 60; turn++) {
        const names = choices[roll(4)];
        await manager.withActive(names, async () => {
          if (roll(2)) await manager.merge();
          await Promise.resolve();
        });
        await manager.withDisabled(() => Promise.resolve());
      }
    };
    await Promise.all([...Array.from({ length: 6 }, (_, id) => client(id)), meddler()]);
    expect(interleaved).toBeGreaterThan(100);
    expect(manager.active).toEqual([]);
  });
});
