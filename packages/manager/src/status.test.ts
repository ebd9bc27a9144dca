import { BlockWeight, FrozenLinear, hostOf, type LoraConfigInput } from '@lowrank/core';
import { statusTable } from '@lowrank/manager';
import { describe, expect, it, tensorsFor, type Tensors } from '@lowrank/testing';
import { layeredHost } from '../test/layered-host.js';
import { managerOf } from '../test/set-up.js';

const configs: Record<string, LoraConfigInput> = {
  poet: { rank: 2, alpha: 4, targetModules: ['query', 'value'], rankPattern: { value: 3 }, modulesToSave: ['norm'] },
  clerk: { rank: 1, alpha: 1, useDora: true, targetModules: ['query'], trainableTokenIndices: { embed: [1, 4] } },
};

describe('the status of a manager', () => {
  it('says of each layer what is on it, what acts and whether it is merged', async () => {
    await withTensors(async (tensors) => {
      using manager = managerOf(layeredHost(tensors), configs);
      manager.activate({ clerk: 0.5 });
      manager.scale('poet', { query: 3 });
      const { layers } = manager.status();
      expect(layers.map(({ path }) => path)).toEqual(['query', 'value', 'norm', 'embed', 'head']);
      expect(layers[0]).toEqual({
        path: 'query',
        kind: 'linear',
        shape: [5, 7],
        dtype: 'float32',
        adapters: [
          { name: 'poet', trains: 'factors', rank: 2, scaling: 6, parameters: 2 * 12 },
          { name: 'clerk', trains: 'factors', rank: 1, scaling: 1, parameters: 12 + 7 },
        ],
        active: ['clerk'],
        merged: false,
      });
      expect(layers[1]!.adapters).toEqual([
        { name: 'poet', trains: 'factors', rank: 3, scaling: 4 / 3, parameters: 36 },
      ]);
      expect(layers[2]!.adapters).toEqual([{ name: 'poet', trains: 'module', parameters: 10 }]);
      expect(layers[3]!.adapters).toEqual([{ name: 'clerk', trains: 'rows', parameters: 10 }]);
      expect(layers[4]!.adapters).toEqual([{ name: 'clerk', trains: 'tied-rows', parameters: 0 }]);
      await manager.merge();
      expect(manager.status().layers.map(({ merged }) => merged)).toEqual([true, false, false, true, true]);
    });
  });

  it('says of the model which adapters there are and act, and counts what they train', async () => {
    await withTensors(async (tensors) => {
      const host = layeredHost(tensors);
      using manager = managerOf(host, configs);
      manager.activate('poet');
      const status = manager.status();
      expect(status).toMatchObject({ active: { poet: 1 }, merged: false });
      expect(status.adapters).toEqual([
        {
          name: 'poet',
          rank: 2,
          alpha: 4,
          active: true,
          modules: ['query', 'value'],
          extras: ['norm'],
          parameters: 24 + 36 + 10,
          bytes: 4 * 70,
        },
        {
          name: 'clerk',
          rank: 1,
          alpha: 1,
          active: false,
          modules: ['query'],
          extras: ['embed', 'head'],
          parameters: 19 + 10,
          bytes: 4 * 29,
        },
      ]);
      const base = 11 * 5 + 6 * 5 + 10 + 35 * 3;
      const percent = 7000 / (base + 99);
      expect(status.parameters).toEqual({ base, adapters: 99, trainable: 70, percent });
      manager.activate(['poet', 'clerk']);
      expect(manager.status().parameters.trainable).toBe(99);
      manager.activate(undefined);
      expect(manager.status().parameters.trainable).toBe(0);
    });
  });

  it('names the format of a packed base', () => {
    const packed = BlockWeight.fromRows(new Float32Array(64).fill(1), [2, 32], 'int8', 32);
    const layer = new FrozenLinear(packed);
    const manager = managerOf(hostOf({ query: layer }), { poet: { rank: 1, targetModules: ['query'] } });
    expect(manager.status().layers[0]).toMatchObject({ shape: [32, 2], dtype: 'int8' });
    manager.dispose();
    layer.dispose();
  });

  it('prints as a table', async () => {
    await withTensors(async (tensors) => {
      using manager = managerOf(layeredHost(tensors), configs);
      manager.activate({ poet: 0.5 });
      expect(statusTable(manager.status())).toBe(
        `
adapter  rank  alpha  active  modules  parameters  memory
poet     2     4      0.5     3        70          0.00 MiB
clerk    1     1      -       3        29          0.00 MiB

layer  kind        shape    dtype    adapters                     active
query  linear      [5, 7]   float32  poet: rank 2, clerk: rank 1  poet
value  linear      [5, 7]   float32  poet: rank 3                 poet
norm   layer-norm  [5]      float32  poet: module                 poet
embed  embedding   [11, 5]  float32  clerk: rows                  -
head   tied-head   [11, 5]  float32  clerk: tied-rows             -

70 parameters trainable of 299: 23.4114 %
`.trim(),
      );
    });
  });
});

async function withTensors(body: (tensors: Tensors) => Promise<void>): Promise<void> {
  const tensors = tensorsFor(1);
  await body(tensors);
  tensors.dispose();
}
