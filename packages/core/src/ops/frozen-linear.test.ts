import { FrozenLinear, frozenLinear } from '@lowrank/core';
import { checkOp, describe, expect, it, mapped, matMul64 } from '@lowrank/testing';
import { dispose, grad, profile, sum, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

const close = { atol: 2e-6, because: 'sums of 5 products in float32' };

describe('frozenLinear', () => {
  it.onEachBackend('gives x W + bias and the gradient of x, for any leading axes', ({ tensors }) => {
    const w = tensors.randn([5, 3]) as Tensor2D;
    const bias = tensors.randn([3]) as Tensor1D;
    const x = tensors.randn([2, 4, 5]);
    checkOp({
      inputs: [x],
      op: (x) => frozenLinear(x, w, bias),
      reference: (x) => {
        const b = bias.dataSync();
        return mapped(matMul64(x, w.dataSync(), [8, 5, 3]), (value, index) => value + (b[index % 3] as number));
      },
      ...close,
    });
  });

  it.onEachBackend('reads a weight stored [out, in] when told that it is transposed', ({ tensors }) => {
    const table = tensors.randn([7, 5]) as Tensor2D;
    const across = Float64Array.from(
      { length: 35 },
      (_, i) => table.dataSync()[(i % 7) * 5 + Math.floor(i / 7)] as number,
    );
    checkOp({
      inputs: [tensors.randn([4, 5])],
      op: (x) => frozenLinear(x, table, undefined, { transposed: true }),
      reference: (x) => matMul64(x, across, [4, 5, 7]),
      ...close,
    });
  });

  it.onEachBackend(
    'computes one matMul forward and one backward: never the gradient of W',
    async ({ backend, tensors }) => {
      // Counts tfjs's products: a backend with a kernel of its own for the op makes none.
      if (backend.kernels?.frozenLinear) return;
      const layer = new FrozenLinear(tensors.randn([5, 3]) as Tensor2D);
      const x = tensors.randn([4, 5]);
      const run = await profile(() => grad((x: Tensor) => sum(layer.forward(x)))(x));
      const matMuls = run.kernels.filter(({ name }) => name === 'BatchMatMul');
      expect(matMuls).toHaveLength(2);
      dispose(run.result as Tensor);
    },
  );

  it.onEachBackend('gives no rows for no rows', ({ tensors }) => {
    const y = frozenLinear(tensors.of([], [0, 5]), tensors.randn([5, 3]) as Tensor2D);
    expect(y.shape).toEqual([0, 3]);
    y.dispose();
  });
});
