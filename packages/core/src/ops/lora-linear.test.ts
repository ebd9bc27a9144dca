import { deltaWeight, loraLinear } from '@lowrank/core';
import { checkOp, describe, expect, expectClose, it, mapped, matMul64 } from '@lowrank/testing';
import { add, dispose, grads, profile, sum, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

const close = { atol: 5e-6, because: 'two chained sums of at most 6 products in float32' };

describe('loraLinear', () => {
  it.onEachBackend('gives x W + bias + scaling · (x A) B and the gradients of x, A and B', ({ tensors }) => {
    const [weight, bias] = [tensors.randn([6, 5]) as Tensor2D, tensors.randn([5]) as Tensor1D];
    checkOp({
      inputs: [tensors.randn([2, 3, 6]), tensors.randn([6, 2]), tensors.randn([2, 5])],
      op: (x, a, b) => loraLinear(x, { weight, bias, a: a as Tensor2D, b: b as Tensor2D, scaling: 1.5 }),
      reference: (x, a, b) => reference(x, x, a, b, weight, bias),
      ...close,
    });
  });

  it.onEachBackend('takes an input of its own for the adapter, with a gradient of its own', ({ tensors }) => {
    const weight = tensors.randn([6, 5]) as Tensor2D;
    checkOp({
      inputs: [tensors.randn([4, 6]), tensors.randn([4, 6]), tensors.randn([6, 2]), tensors.randn([2, 5])],
      op: (x, dropped, a, b) => loraLinear(x, { weight, a: a as Tensor2D, b: b as Tensor2D, scaling: 1.5 }, dropped),
      reference: (x, dropped, a, b) => reference(x, dropped, a, b, weight),
      ...close,
    });
  });

  it.onEachBackend('is what the weight plus deltaWeight gives', ({ tensors }) => {
    const [x, a, b] = [tensors.randn([4, 6]), tensors.randn([6, 2]) as Tensor2D, tensors.randn([2, 5]) as Tensor2D];
    const weight = tensors.randn([6, 5]) as Tensor2D;
    const delta = deltaWeight(a, b, 0.25);
    const whole = add(weight, delta);
    const output = loraLinear(x, { weight, a, b, scaling: 0.25 });
    expectClose(output, matMul64(x.dataSync(), whole.dataSync(), [4, 6, 5]), close);
    dispose([delta, whole, output]);
  });

  it.onEachBackend(
    'computes three matMuls forward and five backward: never the gradient of W',
    async ({ backend, tensors }) => {
      // Counts tfjs's products: a backend with a kernel of its own for the op makes none.
      if (backend.kernels?.loraLinear) return;
      const weight = tensors.randn([6, 5]) as Tensor2D;
      const inputs = [tensors.randn([4, 6]), tensors.randn([6, 2]), tensors.randn([2, 5])];
      const op = (x: Tensor, a: Tensor, b: Tensor) =>
        sum(loraLinear(x, { weight, a: a as Tensor2D, b: b as Tensor2D, scaling: 2 }));
      const run = await profile(() => grads(op)(inputs) as unknown as Tensor);
      const shapes = run.kernels
        .filter(({ name }) => name === 'BatchMatMul')
        .map(({ outputShapes }) => outputShapes[0]);
      expect(shapes).toHaveLength(8);
      expect(shapes).not.toContainEqual([1, 6, 5]);
      dispose(run.result as Tensor);
    },
  );

  it.onEachBackend('has the same output and gradients with a frozen A, and makes none of A', async ({ tensors }) => {
    const [weight, bias] = [tensors.randn([6, 5]) as Tensor2D, tensors.randn([5]) as Tensor1D];
    const a = tensors.randn([6, 2]) as Tensor2D;
    checkOp({
      inputs: [tensors.randn([2, 3, 6]), tensors.randn([2, 5])],
      op: (x, b) => loraLinear(x, { weight, bias, a, b: b as Tensor2D, scaling: 1.5, frozenA: true }),
      reference: (x, b) => reference(x, x, Float64Array.from(a.dataSync()), b, weight, bias),
      ...close,
    });
    const inputs = [tensors.randn([4, 6]), tensors.randn([2, 5])];
    const op = (x: Tensor, b: Tensor) => sum(loraLinear(x, { weight, a, b: b as Tensor2D, scaling: 2, frozenA: true }));
    const run = await profile(() => grads(op)(inputs) as unknown as Tensor);
    expect(run.kernels.flatMap(({ outputShapes }) => outputShapes)).not.toContainEqual([1, 6, 2]);
    dispose(run.result as Tensor);
  });
});

function reference(
  x: Float64Array,
  dropped: Float64Array,
  a: Float64Array,
  b: Float64Array,
  weight: Tensor2D,
  bias?: Tensor1D,
) {
  const rows = x.length / 6;
  const base = matMul64(x, weight.dataSync(), [rows, 6, 5]);
  const delta = matMul64(matMul64(dropped, a, [rows, 6, 2]), b, [rows, 2, 5]);
  const shift = bias?.dataSync() ?? new Float32Array(5);
  return mapped(base, (value, index) => value + 1.5 * (delta[index] as number) + (shift[index % 5] as number));
}
