import { LowrankError, type LoraConfigInput } from '@lowrank/core';
import { describe, expect, expectClose, finiteDifferences, it } from '@lowrank/testing';
import { dispose, mul, sum, variableGrads, type Scalar } from '@tensorflow/tfjs-core';
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
const close = { atol: 1e-5, because: 'float32 sums of 7 products, twice' };

describe('several active adapters', () => {
  const activations: [string, Record<string, number>][] = [
    ['two of one kind', { plain: 1, stable: 1 }],
    ['all, of every variant', { plain: 1, stable: 1, dora: 1, biased: 1 }],
    ['with weights', { plain: 0.7, stable: -0.3, dora: 1.5, biased: 2 }],
    ['one with a weight', { stable: 0.25 }],
    ['a weight of 0 beside one of 1', { dora: 0, plain: 1 }],
  ];
  for (const [title, weights] of activations) {
    it.onEachBackend(`add up: ${title}`, async ({ tensors }) => {
      const host = smallHost(tensors);
      const base = base64(host);
      using manager = managerOf(host, configs);
      const x = tensors.randn([3, 5]);
      manager.activate(weights);
      const acting = await Promise.all(
        Object.entries(weights).map(async ([name, weight]) => ({ adapter: await manager.adapter(name), weight })),
      );
      const expected = run64(base, x.dataSync(), acting);
      expectClose(valuesOf(host.run(x)), expected, close);
      const merging = manager.merge();
      // The base's query has no bias that a bias on B could be merged into.
      if ('biased' in weights) await expect(merging).rejects.toMatchObject({ code: 'config-unsupported' });
      else await merging;
      expect(manager.status().merged).toBe(!('biased' in weights));
      expectClose(valuesOf(host.run(x)), expected, close);
    });
  }

  it.onEachBackend('give the same bits in whatever order they are activated', async ({ tensors }) => {
    const host = smallHost(tensors);
    using manager = managerOf(host, configs);
    const x = tensors.randn([3, 5]);
    const outputs = [
      ['plain', 'stable', 'dora'],
      ['dora', 'plain', 'stable'],
      ['stable', 'dora', 'plain'],
    ].map((names) => {
      manager.activate(names);
      return valuesOf(host.run(x));
    });
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[2]).toEqual(outputs[0]);
    manager.activate(['plain']);
    const listed = valuesOf(host.run(x));
    manager.activate('plain');
    expect(valuesOf(host.run(x))).toEqual(listed);
  });

  it.onEachBackend('have one trained while another acts: the gradient is that of the sum', async ({ tensors }) => {
    const host = smallHost(tensors);
    const base = base64(host);
    using manager = managerOf(host, configs);
    const [x, dy] = [tensors.randn([3, 5]), tensors.randn([3, 4])];
    manager.activate({ plain: 0.5, dora: 1 });
    const [plain, dora] = [await manager.adapter('plain'), await manager.adapter('dora')];
    const [values, slopes] = [x.dataSync(), dy.dataSync()];
    const factor = manager.parameters('plain').find(({ name }) => name === 'layers.0.query.lora_A.weight')!;
    const { value, grads } = variableGrads(() => sum(mul(host.run(x), dy)) as Scalar, [factor.variable]);
    const loss = (data: Float64Array) => {
      const tensorsNow = new Map(plain.tensors);
      tensorsNow.set(factor.name, { shape: factor.variable.shape, data: data as never });
      const acting = [{ adapter: { ...plain, tensors: tensorsNow }, weight: 0.5 }, { adapter: dora }];
      return run64(base, values, acting).reduce((total, one, at) => total + one * slopes[at]!, 0);
    };
    const expected = finiteDifferences(loss, plain.tensors.get(factor.name)!.data);
    expectClose(grads[factor.variable.name]!, expected, { atol: 2e-5, because: 'float32 sums through two layers' });
    dispose([value, ...Object.values(grads)]);
  });

  it.onEachBackend('draw a dropout mask each, at a rate of their own', async ({ tensors }) => {
    const host = smallHost(tensors);
    const base = base64(host);
    const x = tensors.randn([3, 5]);
    using manager = managerOf(host, { left: { rank: 2, targetModules: ['query'], dropout: 0.5 } });
    const left = await manager.adapter('left');
    manager.add('twin', left);
    manager.add('still', { ...left, config: { ...left.config, dropout: 0 } });
    const pass = (names: string[], training: boolean, seed = 1) => {
      manager.activate(names);
      return Array.from(valuesOf(host.run(x, { training, seed })));
    };
    const frozen = pass([], true);
    const less = (output: number[], by: number[]) => output.map((one, at) => one - by[at]!);
    expectClose(pass(['left', 'twin'], false), run64(base, x.dataSync(), [{ adapter: left, weight: 2 }]), close);
    const both = pass(['left', 'twin'], true);
    expect(pass(['left', 'twin'], true)).toEqual(both);
    expect(pass(['left', 'twin'], true, 2)).not.toEqual(both);
    // Of two masks of one seed the update would be twice that of one.
    const [of, halves] = [less(both, frozen), less(pass(['left', 'still'], true), pass(['still'], true))];
    expect(
      Math.max(
        ...less(
          of,
          halves.map((one) => 2 * one),
        ).map(Math.abs),
      ),
    ).toBeGreaterThan(0.1);
    expectClose(pass(['still'], true), run64(base, x.dataSync(), [{ adapter: left }]), close);
  });
});

describe('adapters that cannot act at once', () => {
  const refused: [string, Record<string, LoraConfigInput>, RegExp][] = [
    [
      'a module that both train whole',
      {
        a: { targetModules: ['query'], modulesToSave: ['norm'] },
        b: { targetModules: ['value'], modulesToSave: ['norm'] },
      },
      /"a" and "b" at once on "norm".*only one/,
    ],
    [
      'factors on a module that the other trains whole',
      { a: { targetModules: ['query'], modulesToSave: ['out'] }, b: { targetModules: ['out'] } },
      /"a" and "b" at once on "out"/,
    ],
    [
      'a row of the embedding that both train',
      {
        a: { targetModules: ['query'], trainableTokenIndices: { embed: [1, 4] } },
        b: { targetModules: ['query'], trainableTokenIndices: { embed: [4, 9] } },
      },
      /"a" and "b" at once on row 4 of "embed"/,
    ],
  ];
  for (const [title, both, message] of refused) {
    it.onEachBackend(`are refused by name, and what was active stays: ${title}`, ({ tensors }) => {
      using manager = managerOf(layeredHost(tensors), both);
      manager.activate('a');
      expect(() => manager.activate(['a', 'b'])).toThrow(message);
      expect(() => manager.activated(['a', 'b'])).toThrow(LowrankError);
      expect(manager.active).toEqual(['a']);
    });
  }
});
