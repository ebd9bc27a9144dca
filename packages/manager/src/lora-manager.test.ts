import {
  loraConfig,
  planAdapter,
  randomFloats,
  type Adapter,
  type AdapterPlan,
  type LoraConfigInput,
} from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it, type Tensors } from '@lowrank/testing';
import { tensor } from '@tensorflow/tfjs-core';
import { smallHost, type SmallHost } from '../test/small-host.js';

const config = { rank: 2, alpha: 4, targetModules: ['query', 'value'] };

function setUp(tensors: Tensors, input: LoraConfigInput = config) {
  const host = smallHost(tensors);
  return { host, manager: new LoraManager(host), plan: planAdapter(input, host.modules()), x: tensors.randn([3, 5]) };
}

/** Gives an adapter values that change the output, as training would. */
function trained(manager: LoraManager, name: string, seed: number): void {
  for (const { variable, role } of manager.parameters(name)) {
    if (role !== 'lora_B') continue;
    const value = tensor(randomFloats(variable.size, { distribution: 'normal', seed: seed++ }), variable.shape);
    variable.assign(value);
    value.dispose();
  }
}

function outputOf(host: SmallHost, x: ReturnType<Tensors['randn']>): Float32Array {
  const output = host.run(x);
  const values = output.dataSync() as Float32Array;
  output.dispose();
  return values.slice();
}

describe('LoraManager', () => {
  it.onEachBackend('starts from the base to the bit, and counts what it added', ({ tensors }) => {
    const { host, manager, plan, x } = setUp(tensors);
    const base = outputOf(host, x);
    manager.add('poet', plan);
    expect(outputOf(host, x)).toEqual(base);
    expect(manager.status().parameters).toEqual({ base: 105, adapters: 48, trainable: 48, percent: 4800 / 153 });
    manager.dispose();
  });

  it.onEachBackend('switches between adapters and the base, each to the bit', ({ tensors }) => {
    const { host, manager, plan, x } = setUp(tensors);
    const base = outputOf(host, x);
    manager.add('poet', plan);
    manager.add('clerk', planAdapter({ rank: 3, targetModules: ['out'] }, host.modules()), { seed: 5 });
    trained(manager, 'poet', 1);
    trained(manager, 'clerk', 9);
    expect(manager.active).toEqual(['poet']);
    const poet = outputOf(host, x);
    manager.activate('clerk');
    const clerk = outputOf(host, x);
    expect(clerk).not.toEqual(poet);
    manager.activate(undefined);
    expect(outputOf(host, x)).toEqual(base);
    manager.activate('poet');
    expect(outputOf(host, x)).toEqual(poet);
    manager.delete('poet');
    expect([manager.active, outputOf(host, x)]).toEqual([[], base]);
    manager.activate('clerk');
    expect(outputOf(host, x)).toEqual(clerk);
    manager.dispose();
    expect(outputOf(host, x)).toEqual(base);
  });

  it.onEachBackend(
    'merges without changing the output by more than rounding, and unmerges to the bit',
    async ({ tensors }) => {
      const { host, manager, plan, x } = setUp(tensors);
      const base = outputOf(host, x);
      manager.add('poet', plan);
      trained(manager, 'poet', 1);
      const apart = outputOf(host, x);
      await manager.merge();
      expect(manager.status().merged).toBe(true);
      expectClose(outputOf(host, x), apart, { atol: 1e-5, because: 'two layers of float32 sums in another order' });
      manager.unmerge();
      expect(outputOf(host, x)).toEqual(apart);
      await manager.merge();
      manager.activate(undefined);
      expect(outputOf(host, x)).toEqual(base);
      manager.dispose();
    },
  );

  it.onEachBackend('stays unmerged when one of the updates is not finite', async ({ tensors }) => {
    const { host, manager, plan, x } = setUp(tensors);
    manager.add('poet', plan);
    trained(manager, 'poet', 1);
    const apart = outputOf(host, x);
    const last = manager.parameters('poet').at(-1)!.variable;
    const healthy = tensors.of(last.dataSync().slice() as Float32Array, last.shape);
    last.assign(tensors.of(new Float32Array(last.size).fill(Infinity), last.shape));
    await expect(manager.merge()).rejects.toThrow(expect.objectContaining({ code: 'not-finite' }));
    expect(manager.status().merged).toBe(false);
    last.assign(healthy);
    expect(outputOf(host, x)).toEqual(apart);
    manager.dispose();
  });

  it.onEachBackend(
    'gives an adapter that, added to another copy of the model, does the same to the bit',
    async ({ tensors }) => {
      const { host, manager, plan, x } = setUp(tensors, { ...config, useRslora: true, rankPattern: { value: 3 } });
      manager.add('poet', plan);
      trained(manager, 'poet', 1);
      const adapter = await manager.adapter('poet');
      const poet = outputOf(host, x);
      manager.delete('poet');
      manager.add('again', adapter);
      expect(outputOf(host, x)).toEqual(poet);
      expect(await manager.adapter('again')).toEqual(adapter);
      manager.dispose();
    },
  );

  it.onEachBackend('draws the same A for the same seed, and another for another', async ({ tensors }) => {
    const { manager, plan } = setUp(tensors);
    manager.add('a', plan, { seed: 7 });
    manager.add('b', plan, { seed: 7 });
    manager.add('c', plan, { seed: 8 });
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => manager.adapter(name)));
    expect(b!.tensors).toEqual(a!.tensors);
    expect(c!.tensors).not.toEqual(a!.tensors);
    const [query, value] = ['query', 'value'].map((part) => a!.tensors.get(`layers.0.${part}.lora_A.weight`)!.data);
    expect(query).not.toEqual(value);
    manager.dispose();
  });
});

describe('LoraManager refuses, and leaves nothing behind,', () => {
  const saved = (edit: (adapter: Adapter) => void) => async (manager: LoraManager, plan: AdapterPlan) => {
    manager.add('poet', plan);
    const adapter = await manager.adapter('poet');
    edit(adapter);
    manager.add('other', adapter);
  };
  const cases: [string, (manager: LoraManager, plan: AdapterPlan) => unknown, string, RegExp][] = [
    ['a name that is taken', (m, plan) => [m.add('poet', plan), m.add('poet', plan)], 'adapter-exists', /"poet"/],
    [
      'a name that is not there',
      (m, plan) => [m.add('poet', plan), m.activate('peot')],
      'adapter-unknown',
      /"peot".*poet/,
    ],
    ['a plan for another model', (m, plan) => m.add('x', otherShape(plan)), 'adapter-mismatch', /\[5, 8\].*\[5, 7\]/],
    [
      'factors of a module that is not there',
      saved(({ tensors }) => rename(tensors, 'query', 'quary')),
      'adapter-mismatch',
      /quary.*nearest here: layers.0.query/,
    ],
    [
      'an adapter that lacks a module',
      saved(({ tensors }) => drop(tensors, 'value.lora_')),
      'adapter-mismatch',
      /no factors of "layers.0.value"/,
    ],
    [
      'an adapter that lacks a factor',
      saved(({ tensors }) => drop(tensors, 'value.lora_B')),
      'adapter-mismatch',
      /no "layers.0.value.lora_B.weight"/,
    ],
    [
      'factors of another shape',
      saved(({ tensors }) => misshape(tensors)),
      'adapter-mismatch',
      /of shape \[4, 3\].*\[2, 7\]/,
    ],
  ];
  for (const [name, act, code, message] of cases) {
    it.onEachBackend(name, async ({ tensors }) => {
      const { manager, plan } = setUp(tensors);
      const failing = async () => act(manager, plan);
      await expect(failing()).rejects.toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
      manager.dispose();
    });
  }
});

function otherShape(plan: AdapterPlan): AdapterPlan {
  return { ...plan, config: loraConfig(config), modules: plan.modules.map((module) => ({ ...module, out: 8 })) };
}

function drop(tensors: Adapter['tensors'], part: string): void {
  for (const name of [...tensors.keys()]) if (name.includes(part)) tensors.delete(name);
}

function rename(tensors: Adapter['tensors'], from: string, to: string): void {
  for (const [name, tensor] of [...tensors]) {
    if (!name.includes(from)) continue;
    tensors.delete(name);
    tensors.set(name.replace(from, to), tensor);
  }
}

function misshape(tensors: Adapter['tensors']): void {
  tensors.set('layers.0.value.lora_B.weight', { shape: [4, 3], data: new Float32Array(12) });
}
