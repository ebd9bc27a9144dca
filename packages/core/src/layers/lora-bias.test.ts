import { FrozenLinear, LoraLinear, type LoraLinearOptions } from '@lowrank/core';
import { describe, expect, expectClose, it, matMul64, type Tensors } from '@lowrank/testing';
import {
  dispose,
  sum,
  variableGrads,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

const close = { atol: 5e-6, because: 'chained sums of at most 6 products in float32' };

describe('the biases of an adapted linear', () => {
  it.onEachBackend("are the trained copy of the base's, and scaling · the one on B", ({ tensors }) => {
    using layer = moved(tensors, { rank: 2, alpha: 3, trainsBias: true, loraBias: true });
    const x = tensors.randn([3, 6]);
    const output = layer.forward(x);
    expectClose(output, expected(layer, x), close);
    const parameters = layer.parameters('q');
    expect(parameters.map(({ name }) => name)).toEqual([
      'q.lora_A.weight',
      'q.lora_B.weight',
      'q.lora_B.bias',
      'q.bias',
    ]);
    const { value, grads } = variableGrads(
      () => sum(layer.forward(x)) as Scalar,
      parameters.map(({ variable }) => variable),
    );
    const of = (role: string) => grads[parameters.find((parameter) => parameter.role === role)!.variable.name]!;
    expectClose(of('bias'), Array<number>(5).fill(3), close);
    expectClose(of('lora_B.bias'), Array<number>(5).fill(4.5), close);
    dispose([output, value, ...Object.values(grads)]);
  });

  it.onEachBackend('merge into one, and come apart to the bit', async ({ tensors }) => {
    using layer = moved(tensors, { rank: 2, alpha: 3, trainsBias: true, loraBias: true });
    const x = tensors.randn([3, 6]);
    const apart = layer.forward(x);
    await layer.merge();
    const merged = layer.forward(x);
    expectClose(merged, apart.dataSync(), close);
    layer.enabled = false;
    expect(layer.bias).toBe(layer.base.bias);
    layer.enabled = true;
    layer.unmerge();
    const again = layer.forward(x);
    expect(again.dataSync()).toEqual(apart.dataSync());
    dispose([apart, merged, again]);
  });

  it.onEachBackend('refuse to merge, as in PEFT, into a base that has none', async ({ tensors }) => {
    using layer = LoraLinear.fromBase(bare(tensors), { rank: 2, alpha: 3, trainsBias: true, loraBias: true });
    expect(layer.parameters('q')).toHaveLength(3);
    await expect(layer.merge()).rejects.toMatchObject({ code: 'config-unsupported', given: /loraBias/ });
    expect(layer.merged).toBe(false);
  });

  it.onEachBackend('are refused when one is not finite, with nothing left behind', async ({ tensors }) => {
    using layer = moved(tensors, { rank: 2, alpha: 3, trainsBias: true });
    layer
      .parameters('q')
      .at(-1)!
      .variable.assign(tensors.of([0, NaN, 0, 0, 0], [5]) as Tensor);
    await expect(layer.merge()).rejects.toMatchObject({ code: 'not-finite' });
  });
});

function bare(tensors: Tensors): FrozenLinear {
  return new FrozenLinear(tensors.randn([6, 5]) as Tensor2D);
}

function moved(tensors: Tensors, options: LoraLinearOptions): LoraLinear {
  const base = new FrozenLinear(tensors.randn([6, 5]) as Tensor2D, tensors.randn([5]) as Tensor1D);
  const layer = LoraLinear.fromBase(base, options);
  for (const { variable } of layer.parameters('q')) variable.assign(tensors.randn(variable.shape));
  return layer;
}

function expected(layer: LoraLinear, x: Tensor): number[] {
  const [w, a, b] = [layer.base.weight as Tensor2D, layer.a, layer.b].map((tensor) => tensor.dataSync());
  const [onB, own] = layer
    .parameters('q')
    .slice(2)
    .map(({ variable }) => variable.dataSync());
  const update = matMul64(matMul64(x.dataSync(), a!, [3, 6, 2]), b!, [3, 2, 5]);
  return Array.from(matMul64(x.dataSync(), w!, [3, 6, 5]), (value, at) => {
    return value + own![at % 5]! + 1.5 * (update[at]! + onB![at % 5]!);
  });
}
