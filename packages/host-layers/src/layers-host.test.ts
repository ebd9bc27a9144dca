import { LoraLinear, planAdapter, type FrozenLinear } from '@lowrank/core';
import { LayersHost } from '@lowrank/host-layers';
import { LoraManager } from '@lowrank/manager';
import { describe, errorOf, expect, expectClose, it } from '@lowrank/testing';
import { add, matMul, mul, tidy, type Tensor2D, type Tensor } from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { classifier, free, joined, read } from '../test/models.js';
import { drawn } from '../test/drawn.js';

const close = { atol: 1e-5, because: 'some layers of float32 sums in another order' };

describe('LayersHost', () => {
  it('says of each layer with weights what it is, its sides and which one is the head', () => {
    const model = classifier();
    const modules = new LayersHost(model).modules();
    expect(modules.map(({ path, kind, in: from, out, kernel, head }) => [path, kind, from, out, kernel, head])).toEqual(
      [
        ['stem.conv', 'conv2d', 3, 6, [3, 3], undefined],
        ['norm', 'batch-normalization', undefined, undefined, undefined, undefined],
        ['depth', 'depthwise-conv2d', undefined, undefined, undefined, undefined],
        ['point', 'conv2d', 6, 5, [1, 1], undefined],
        ['hidden', 'linear', 80, 7, undefined, undefined],
        ['scores', 'linear', 7, 4, undefined, true],
      ],
    );
    expect(modules.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(model.countParams());
    expect(modules.find(({ path }) => path === 'point')?.bias).toBe(true);
    free(model);
  });

  it('names layers of nested models under these, and a shared one once', () => {
    const model = joined();
    const paths = new LayersHost(model).modules().map(({ path, kind }) => `${path} ${kind}`);
    expect(paths.toSorted()).toEqual(['out linear', 'reader.line conv1d', 'reader.table embedding', 'shared linear']);
    free(model);
  });

  it('leaves the head, a depthwise layer and a norm out of all-linear', () => {
    const model = classifier();
    const plan = planAdapter({ rank: 2, targetModules: 'all-linear' }, new LayersHost(model).modules());
    expect(plan.config.targetModules).toEqual(['conv', 'point', 'hidden']);
    free(model);
  });

  it.onEachBackend('changes nothing at the start, and nothing once all is off, to the bit', ({ tensors }) => {
    const model = classifier();
    const x = tensors.randn([2, 8, 8, 3]);
    const before = read(model.predict(x) as Tensor);
    const weightsOf = () => Object.getOwnPropertyNames(model).filter((name) => name.endsWith('eights'));
    const ownWeights = weightsOf();
    using host = new LayersHost(model);
    using manager = new LoraManager(host);
    manager.add('a', planAdapter({ rank: 2, targetModules: 'all-linear' }, host.modules()));
    expectClose(read(model.predict(x) as Tensor), before, close);
    const own = () => model.layers.filter((layer) => Object.hasOwn(layer, 'call')).map(({ name }) => name);
    expect(own()).toEqual(['stem/conv', 'norm', 'point', 'hidden', 'scores']);
    manager.activate(undefined);
    expect(own()).toEqual([]);
    expect(weightsOf()).toEqual(ownWeights);
    expect(read(model.predict(x) as Tensor)).toEqual(before);
    manager.dispose();
    free(model);
  });

  it.onEachBackend('puts the update before the activation of the layer', ({ tensors }) => {
    const model = sequential({ layers: [layers.dense({ name: 'd', units: 3, activation: 'relu', inputShape: [4] })] });
    using host = new LayersHost(model);
    using layer = LoraLinear.fromBase(host.get('d') as FrozenLinear, { rank: 2, alpha: 6 });
    layer.b.assign(tensors.randn([2, 3]));
    host.replace('d', layer);
    const x = tensors.randn([5, 4]) as Tensor2D;
    const { weight, bias } = layer.base;
    const expected = tidy(() => {
      const update = mul(matMul(matMul(x, layer.a as never), layer.b as never), 3);
      return add(add(matMul(x, weight as Tensor2D), bias as Tensor), update)
        .dataSync()
        .map((value) => Math.max(0, value));
    });
    expectClose(read(model.predict(x) as Tensor), expected, close);
    host.dispose();
    free(model);
  });

  it.onEachBackend('adapts embeddings, lines and shared layers of a model with two inputs', async ({ tensors }) => {
    const model = joined();
    using host = new LayersHost(model);
    using manager = new LoraManager(host);
    const inputs = [tensors.of([0, 1, 2, 3, 8, 5, 5, 7, 0, 1], [2, 5]), tensors.randn([2, 6])];
    const run = () => read(model.predict(inputs) as Tensor);
    const before = run();
    const names = ['table', 'line', 'shared'];
    manager.add('a', planAdapter({ rank: 2, targetModules: names }, host.modules()));
    manager.add('b', planAdapter({ rank: 1, targetModules: ['shared'] }, host.modules()));
    drawn(manager, 'a', 1);
    drawn(manager, 'b', 9);
    const a = run();
    expect(a).not.toEqual(before);
    await manager.merge();
    expectClose(run(), a, close);
    manager.unmerge();
    expect(run()).toEqual(a);
    manager.activate('b');
    const b = run();
    expect(b).not.toEqual(a);
    expect(b).not.toEqual(before);
    manager.activate('a');
    expect(run()).toEqual(a);
    manager.dispose();
    expect(run()).toEqual(before);
    free(model);
  });

  it.onEachBackend(
    'gives by forward what predict gives, and other masks for other seeds in training',
    ({ tensors }) => {
      const model = sequential({ layers: [layers.dense({ name: 'd', units: 3, inputShape: [8] })] });
      using host = new LayersHost(model);
      using manager = new LoraManager(host);
      manager.add('a', planAdapter({ rank: 2, dropout: 0.5, targetModules: ['d'] }, host.modules()));
      drawn(manager, 'a', 1);
      const x = tensors.randn([2, 8]);
      const run = (seed: number) => read(host.forward(x, { training: true, seed }));
      expect(read(host.forward(x))).toEqual(read(model.predict(x) as Tensor));
      expect(run(1)).toEqual(run(1));
      expect(run(1)).not.toEqual(run(2));
      manager.dispose();
      free(model);
    },
  );
});

describe('LayersHost refuses', () => {
  const refusal = async (make: () => unknown) => {
    const { code, message } = await errorOf(make);
    return `${code}: ${message}`;
  };

  it('a graph model with the reason, what is no model, and one that is not built', async () => {
    const graph = { executeAsync: () => {}, predict: () => {} } as unknown as LayersModel;
    expect(await refusal(() => new LayersHost(graph))).toMatch(/model-unsupported: a graph model: .*no gradient/);
    expect(await refusal(() => new LayersHost({} as LayersModel))).toMatch(/model-unsupported: what is no model/);
    const unbuilt = sequential();
    expect(await refusal(() => new LayersHost(unbuilt))).toMatch(/model-unsupported: .*inputShape/);
  });

  it('a target that is not there, and one of a kind that takes no adapter, by name', async () => {
    const model = sequential({
      layers: [
        layers.lstm({ name: 'memory', units: 2, recurrentInitializer: 'zeros', inputShape: [3, 4] }),
        layers.dense({ name: 'out', units: 1 }),
      ],
    });
    using host = new LayersHost(model);
    const plan = (target: string) => () => planAdapter({ targetModules: [target] }, host.modules());
    expect(await refusal(plan('memory'))).toMatch(/config-unsupported: .*"memory".*kind "lstm"/);
    expect(await refusal(plan('memroy'))).toMatch(/target-not-found: .*nearest here: out/);
    expect(await refusal(() => host.get('ouch'))).toMatch(/target-not-found: .*"ouch".*nearest here: out/);
    expect(await refusal(() => host.replace('memory', host.get('out')))).toMatch(/config-unsupported: .*"lstm"/);
    free(model);
  });

  it('two layers of one path', async () => {
    const model = sequential({
      layers: [layers.dense({ name: 'a/b', units: 2, inputShape: [2] }), layers.dense({ name: 'a.b', units: 2 })],
    });
    expect(await refusal(() => new LayersHost(model))).toMatch(/model-unsupported: two layers at "a\.b"/);
    free(model);
  });
});
