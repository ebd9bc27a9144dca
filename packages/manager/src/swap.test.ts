import { holdForTraining, type Adapter, type LoraConfigInput } from '@lowrank/core';
import { describe, expect, it, type Tensors } from '@lowrank/testing';
import { memory } from '@tensorflow/tfjs-core';
import { layeredHost } from '../test/layered-host.js';
import { managerOf, valuesOf } from '../test/set-up.js';

const held: LoraConfigInput = { rank: 3, alpha: 6, targetModules: ['query', 'value', 'embed'] };

function setUp(tensors: Tensors, configs: Record<string, LoraConfigInput>) {
  const host = layeredHost(tensors);
  const manager = managerOf(host, configs);
  const ids = tensors.of([2, 7, 1, 9, 4, 2], [2, 3], 'int32');
  return { manager, output: () => valuesOf(host.run(ids)) };
}

describe('swap', () => {
  const others: [string, LoraConfigInput, LoraConfigInput][] = [
    ['of the same ranks', held, { ...held, alpha: 1 }],
    ['of smaller ranks and another scaling', held, { ...held, rank: 2, useRslora: true, rankPattern: { value: 1 } }],
    ['of fewer modules', held, { rank: 2, targetModules: ['value'], dropout: 0.5 }],
    ['with DoRA', { ...held, useDora: true }, { ...held, rank: 1, useDora: true }],
    [
      'with all that adapters train besides',
      {
        ...held,
        targetModules: ['query', 'value'],
        bias: 'all',
        modulesToSave: ['out', 'norm'],
        trainableTokenIndices: [1, 2],
      },
      {
        rank: 1,
        targetModules: ['query', 'value'],
        bias: 'all',
        modulesToSave: ['out', 'norm'],
        trainableTokenIndices: [1, 2],
      },
    ],
    [
      'with a bias on B',
      { ...held, targetModules: ['query', 'value'], loraBias: true },
      { rank: 2, targetModules: ['query'], loraBias: true },
    ],
  ];
  for (const [title, mine, theirs] of others) {
    it.onEachBackend(`gives the output of an adapter ${title}, and makes no tensor`, async ({ tensors }) => {
      const { manager, output } = setUp(tensors, { mine, theirs });
      const [first, second] = [await manager.adapter('mine'), await manager.adapter('theirs')];
      manager.activate('theirs');
      const wanted = output();
      manager.activate('mine');
      const before = output();
      manager.scale('mine', 2);
      const count = memory().numTensors;
      manager.swap('mine', second);
      expect(memory().numTensors).toBe(count);
      expect(difference(output(), wanted)).toBeLessThan(1e-5);
      expect(difference(before, wanted)).toBeGreaterThan(1e-3);
      expect(await manager.adapter('mine')).toEqual(second);
      manager.swap('mine', first);
      expect(output()).toEqual(before);
      expect(await manager.adapter('mine')).toEqual(first);
      manager.dispose();
    });
  }

  const shape = (edit: (adapter: Adapter) => void) => (adapter: Adapter) => {
    edit(adapter);
    return adapter;
  };
  const refused: [string, LoraConfigInput, (adapter: Adapter) => Adapter, string, RegExp][] = [
    [
      'a larger rank',
      { ...held, rank: 4 },
      (one) => one,
      'adapter-mismatch',
      /"embed", A \[11, 4\].*room for A \[11, 3\]/,
    ],
    [
      'another module',
      { ...held, targetModules: ['query', 'out'] },
      (one) => one,
      'adapter-mismatch',
      /"out".*has none there/,
    ],
    ['DoRA', { ...held, useDora: true }, (one) => one, 'adapter-mismatch', /useDora: true.*has false/],
    ['a bias', { ...held, bias: 'lora_only' }, (one) => one, 'adapter-mismatch', /"query" \(bias\).*train the same/],
    [
      'a value that is not finite',
      held,
      shape(({ tensors }) => (tensors.get('value.lora_B.weight')!.data[3] = NaN)),
      'not-finite',
      /value 3 of "value.lora_B.weight": NaN/,
    ],
    [
      'a factor that is missing',
      held,
      shape(({ tensors }) => tensors.delete('value.lora_A.weight')),
      'adapter-mismatch',
      /no "value.lora_A.weight"/,
    ],
    [
      'a factor of another shape',
      held,
      shape(({ tensors }) => tensors.set('query.lora_A.weight', { shape: [4, 3], data: new Float32Array(12) })),
      'adapter-mismatch',
      /of shape \[4, 3\].*\[5, 3\]/,
    ],
  ];
  for (const [title, theirs, edit, code, message] of refused) {
    it.onEachBackend(`refuses ${title}, and changes nothing`, async ({ tensors }) => {
      const { manager, output } = setUp(tensors, { held, theirs });
      const other = edit(await manager.adapter('theirs'));
      manager.activate('held');
      const [before, mine, status] = [output(), await manager.adapter('held'), manager.status()];
      const refusal = expect.objectContaining({ code, message: expect.stringMatching(message) });
      expect(() => manager.swap('held', other)).toThrow(refusal);
      expect(output()).toEqual(before);
      expect(await manager.adapter('held')).toEqual(mine);
      expect(manager.status()).toEqual(status);
      if (code === 'not-finite') expect(() => manager.add('new', other)).toThrow(refusal);
      manager.dispose();
    });
  }

  it.onEachBackend('is refused for a merged adapter, and one in training', async ({ tensors }) => {
    const { manager } = setUp(tensors, { held });
    const adapter = await manager.adapter('held');
    manager.activate('held');
    await manager.merge();
    expect(() => manager.swap('held', adapter)).toThrow(/swapping "held": it is merged/);
    manager.unmerge();
    {
      using _ = holdForTraining(manager.parameters('held'));
      expect(() => manager.swap('held', adapter)).toThrow(/swapping "held": a run trains it/);
    }
    manager.swap('held', adapter);
    manager.dispose();
  });

  it.onEachBackend('does not tear an adapter that is being read', async ({ tensors }) => {
    const { manager } = setUp(tensors, { held, theirs: { ...held, rank: 2 } });
    const [mine, theirs] = [await manager.adapter('held'), await manager.adapter('theirs')];
    const reading = manager.adapter('held');
    manager.swap('held', theirs);
    expect(await reading).toEqual(mine);
    const again = manager.adapter('held');
    manager.delete('held');
    expect(await again).toEqual(theirs);
    manager.dispose();
  });
});

function difference(left: Float32Array, right: Float32Array): number {
  return Math.max(...left.map((one, at) => Math.abs(one - right[at]!)));
}
