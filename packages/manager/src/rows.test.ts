import type { LoraConfigInput } from '@lowrank/core';
import { describe, expect, expectClose, finiteDifferences, it } from '@lowrank/testing';
import { dispose, mul, slice, sum, tidy, variableGrads, type Scalar } from '@tensorflow/tfjs-core';
import { layeredHost } from '../test/layered-host.js';
import { managerOf, valuesOf } from '../test/set-up.js';
import { smallHost } from '../test/small-host.js';
import { base64, run64 } from '../test/small-host64.js';

/** Of other ranks, targets and variants. */
const configs: Record<string, LoraConfigInput> = {
  plain: { rank: 2, alpha: 3, targetModules: ['query', 'out'] },
  stable: { rank: 3, alpha: 2, useRslora: true, targetModules: ['query', 'value'], bias: 'lora_only' },
  dora: { rank: 1, alpha: 2, useDora: true, targetModules: ['value', 'out'] },
  biased: { rank: 2, alpha: 1, loraBias: true, targetModules: ['query'] },
};
const names = ['stable', undefined, 'plain', 'dora', 'plain', 'biased', undefined];
const close = { atol: 1e-5, because: 'float32 sums of 7 products, twice' };

describe('forRows', () => {
  for (const seq of [0, 3]) {
    const shape = seq ? [names.length, seq, 5] : [names.length, 5];
    it.onEachBackend(`sends each row of [${shape.join(', ')}] through its own adapter`, async ({ tensors }) => {
      const host = smallHost(tensors);
      const base = base64(host);
      using manager = managerOf(host, configs);
      const x = tensors.randn(shape);
      const rowSize = x.size / names.length;
      manager.scale('dora', 0.5);
      const expected = await Promise.all(
        names.map(async (name, row) => {
          const acting = name === undefined ? [] : [{ adapter: await manager.adapter(name) }];
          const scale = name === 'dora' ? 0.5 : 1;
          const own = x.dataSync().slice(row * rowSize, (row + 1) * rowSize);
          return [
            ...run64(
              base,
              own,
              acting.map((one) => ({ ...one, scale })),
            ),
          ];
        }),
      );
      manager.activate('biased');
      expectClose(valuesOf(host.run(x, manager.forRows(names))), expected.flat(), close);
      manager.activate({ plain: 3, stable: 1 });
      await manager.merge();
      expectClose(valuesOf(host.run(x, manager.forRows(names))), expected.flat(), close);
    });
  }

  it.onEachBackend('gives the bits of the active adapter, or of the base, where all rows are alike', ({ tensors }) => {
    const host = smallHost(tensors);
    const x = tensors.randn([4, 5]);
    const base = valuesOf(host.run(x));
    using manager = managerOf(host, configs);
    for (const name of [...Object.keys(configs), undefined]) {
      manager.activate(name);
      const alone = valuesOf(host.run(x));
      manager.activate('plain');
      expect(valuesOf(host.run(x, manager.forRows([name, name, name, name])))).toEqual(alone);
    }
    const mixed = valuesOf(host.run(x, manager.forRows(['plain', undefined, undefined, 'dora'])));
    expect(mixed.slice(4, 12)).toEqual(base.slice(4, 12));
  });

  it.onEachBackend('mixes embeddings, trained modules, rows of tokens with a tied head, and DoRA', ({ tensors }) => {
    const host = layeredHost(tensors);
    const every = { rank: 2, targetModules: ['embed', 'positions', 'query'] };
    using manager = managerOf(host, {
      tables: every,
      doras: { ...every, useDora: true },
      whole: { rank: 1, targetModules: ['value'], modulesToSave: ['norm', 'out', 'positions'] },
      biases: { rank: 1, targetModules: ['query'], bias: 'all' },
      tokens: { rank: 3, targetModules: ['out'], trainableTokenIndices: { embed: [2, 7] } },
    });
    const rows = ['tokens', 'whole', undefined, 'tables', 'biases', 'doras', 'tokens'];
    const ids = tensors.of(
      Array.from({ length: 28 }, (_, at) => (at * 5 + (at >> 2)) % 11),
      [7, 4],
      'int32',
    );
    const mixed = host.run(ids, manager.forRows(rows));
    rows.forEach((name, row) => {
      manager.activate(name);
      const alone = tidy(() => host.run(slice(ids, [row, 0], [1, 4])));
      const own = tidy(() => slice(mixed, [row, 0, 0], [1, 4, 11]));
      expectClose(valuesOf(own), valuesOf(alone), { atol: 2e-5, because: 'float32 sums in another order' });
    });
    dispose(mixed);
  });

  it.onEachBackend('is differentiable: each adapter learns from its own rows', async ({ tensors }) => {
    const host = smallHost(tensors);
    const base = base64(host);
    using manager = managerOf(host, configs);
    const rows = ['plain', 'dora', undefined, 'plain'];
    const [x, dy] = [tensors.randn([4, 5]), tensors.randn([4, 4])];
    const [values, slopes] = [x.dataSync(), dy.dataSync()];
    const plain = await manager.adapter('plain');
    const { variable, name } = manager.parameters('plain')[0]!;
    const loss = () => sum(mul(host.run(x, manager.forRows(rows)), dy)) as Scalar;
    const { value, grads } = variableGrads(loss, [variable]);
    const loss64 = (data: Float64Array) => {
      const tensorsNow = new Map(plain.tensors).set(name, { shape: variable.shape, data: data as never });
      return [0, 3].reduce((total, row) => {
        const output = run64(base, values.slice(5 * row, 5 * row + 5), [
          { adapter: { ...plain, tensors: tensorsNow } },
        ]);
        return output.reduce((before, one, at) => before + one * slopes[4 * row + at]!, total);
      }, 0);
    };
    const expected = finiteDifferences(loss64, plain.tensors.get(name)!.data);
    expectClose(grads[variable.name]!, expected, { atol: 2e-5, because: 'float32 sums through two layers' });
    dispose([value, ...Object.values(grads)]);
  });

  it.onEachBackend('refuses names and batches that do not fit, and adapters that have gone', ({ tensors }) => {
    const host = smallHost(tensors);
    using manager = managerOf(host, configs);
    const x = tensors.randn([3, 5]);
    expect(() => manager.forRows(['plain', 'palin'])).toThrow(/"palin".*plain/);
    const two = manager.forRows(['plain', 'dora']);
    expect(() => host.run(x, two)).toThrow(/\[3, 5\].*the 2 that/);
    const alike = manager.forRows(['plain', 'plain']);
    expect(() => host.run(x, alike)).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
    const three = manager.forRows(['plain', 'dora', undefined]);
    const again = manager.parameters('dora');
    expect(again.length).toBeGreaterThan(0);
    manager.delete('dora');
    expect(() => host.run(x, three)).toThrow(expect.objectContaining({ code: 'adapter-unknown' }));
  });
});
