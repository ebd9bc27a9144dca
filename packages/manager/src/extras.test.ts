import { planAdapter, type Adapter, type LoraConfigInput } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it, type Tensors } from '@lowrank/testing';
import { dispose, memory, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { smallHost } from '../test/small-host.js';

/** Everything at once: factors with a bias on B, the base's bias, and a linear trained whole. */
const config: LoraConfigInput = {
  rank: 2,
  alpha: 4,
  targetModules: ['query', 'value'],
  loraBias: true,
  bias: 'all',
  modulesToSave: ['out'],
};

function setUp(tensors: Tensors, input = config) {
  const host = smallHost(tensors);
  return { host, manager: new LoraManager(host), plan: planAdapter(input, host.modules()), x: tensors.randn([3, 5]) };
}

function train(manager: LoraManager, name: string, tensors: Tensors): void {
  for (const { variable } of manager.parameters(name)) variable.assign(tensors.randn(variable.shape));
}

describe('an adapter that trains more than factors', () => {
  it.onEachBackend('names all that it trains, and counts it', ({ tensors }) => {
    const { manager, plan } = setUp(tensors);
    manager.add('poet', plan);
    expect(manager.parameters('poet').map(({ name, variable }) => `${name} [${variable.shape.join()}]`)).toEqual([
      'layers.0.query.lora_A.weight [5,2]',
      'layers.0.query.lora_B.weight [2,7]',
      'layers.0.query.lora_B.bias [7]',
      'layers.0.value.lora_A.weight [5,2]',
      'layers.0.value.lora_B.weight [2,7]',
      'layers.0.value.lora_B.bias [7]',
      'layers.0.value.bias [7]',
      'layers.1.out.weight [7,4]',
    ]);
    const [status] = manager.status().adapters;
    expect(status).toMatchObject({ modules: ['layers.0.query', 'layers.0.value'], extras: ['layers.1.out'] });
    expect(status!.parameters).toBe(24 + 7 + 24 + 7 + 7 + 28);
    expect(plan.modules.concat(plan.extras as never).reduce((sum, { parameters }) => sum + parameters, 0)).toBe(97);
    manager.dispose();
  });

  it.onEachBackend('is itself again after it was another, the base, and plain data', async ({ tensors }) => {
    const { host, manager, plan, x } = setUp(tensors);
    const outputOf = () => valuesOf(host.run(x));
    const base = outputOf();
    manager.add('poet', plan);
    expectClose(outputOf(), base, { atol: 1e-5, because: 'the copy of a linear multiplies by another kernel' });
    train(manager, 'poet', tensors);
    const poet = outputOf();
    manager.add('clerk', planAdapter({ rank: 1, targetModules: ['out'], bias: 'all' }, host.modules()));
    manager.activate('clerk');
    expect(outputOf()).not.toEqual(poet);
    manager.activate(undefined);
    expect(outputOf()).toEqual(base);
    const adapter = await manager.adapter('poet');
    manager.delete('poet');
    manager.add('again', adapter);
    manager.activate('again');
    expect(outputOf()).toEqual(poet);
    expect(await manager.adapter('again')).toEqual(adapter);
    manager.dispose();
    expect(outputOf()).toEqual(base);
  });

  it.onEachBackend(
    "gives a whole linear as the base's file has it, [out, in], a Conv1D's [in, out]",
    async ({ tensors }) => {
      const { host, manager, plan } = setUp(tensors);
      manager.add('turned', plan);
      const conv1d = host.modules().map((module) => ({ ...module, fanInFanOut: true }));
      manager.add('straight', planAdapter(config, conv1d));
      const weight = (host.get('layers.1.out') as unknown as { base: { weight: Tensor } }).base.weight;
      const values = weight.dataSync();
      const [turned, straight] = await Promise.all(['turned', 'straight'].map((name) => manager.adapter(name)));
      expect(straight!.tensors.get('layers.1.out.weight')).toEqual({ shape: [7, 4], data: values });
      const { shape, data } = turned!.tensors.get('layers.1.out.weight')!;
      expect(shape).toEqual([4, 7]);
      expect(Array.from(data)).toEqual(Array.from(data, (_, at) => values[(at % 7) * 4 + Math.floor(at / 7)]));
      manager.dispose();
    },
  );

  it.onEachBackend('merges where it can, by all or nothing', async ({ tensors }) => {
    const { host, manager, plan, x } = setUp(tensors, { ...config, loraBias: false });
    manager.add('poet', plan);
    train(manager, 'poet', tensors);
    const apart = valuesOf(host.run(x));
    await manager.merge();
    expectClose(valuesOf(host.run(x)), apart, { atol: 2e-5, because: 'float32 sums in another order' });
    manager.unmerge();
    expect(valuesOf(host.run(x))).toEqual(apart);
    manager.add('bare', planAdapter(config, host.modules()));
    manager.activate('bare');
    await expect(manager.merge()).rejects.toMatchObject({ code: 'config-unsupported' }); // query has no bias
    expect(manager.status().merged).toBe(false);
    manager.dispose();
  });

  it.onEachBackend('frees all of it', ({ tensors }) => {
    const { manager, plan } = setUp(tensors, { ...config, loraBias: false, useDora: true });
    const before = memory().numTensors;
    for (let round = 0; round < 3; round++) {
      manager.add('poet', plan);
      manager.delete('poet');
    }
    expect(memory().numTensors).toBe(before);
  });

  const cases: [string, (tensors: Adapter['tensors']) => void, RegExp][] = [
    ['without the module that it saves', (all) => all.delete('layers.1.out.weight'), /no "layers\.1\.out\.weight"/],
    ['without a bias', (all) => all.delete('layers.0.value.bias'), /no "layers\.0\.value\.bias"/],
    [
      'with a tensor that nothing takes',
      (all) => all.set('layers.1.out.bias', { shape: [4], data: new Float32Array(4) }),
      /tensor "layers\.1\.out\.bias".*nearest: .*layers\.1\.out\.weight/,
    ],
    [
      "with a weight that lies as a Conv1D's",
      (all) => all.set('layers.1.out.weight', { shape: [7, 4], data: new Float32Array(28) }),
      /"layers\.1\.out\.weight" of shape \[7, 4\].*\[4, 7\]/,
    ],
  ];
  for (const [name, edit, message] of cases) {
    it.onEachBackend(`is refused ${name}, and leaves nothing behind`, async ({ tensors }) => {
      const { manager, plan } = setUp(tensors);
      manager.add('poet', plan);
      const adapter = await manager.adapter('poet');
      edit(adapter.tensors);
      const before = memory().numTensors;
      expect(() => manager.add('other', adapter)).toThrow(message);
      expect(memory().numTensors).toBe(before);
      manager.dispose();
    });
  }
});

function valuesOf(output: Tensor): Float32Array {
  const values = tidy(() => output.dataSync().slice()) as Float32Array;
  dispose(output);
  return values;
}
