import { deltaWeight, loraDelta } from '@lowrank/core';
import { checkOp, describe, expectClose, it, mapped, matMul64 } from '@lowrank/testing';
import type { Tensor2D } from '@tensorflow/tfjs-core';

const close = { atol: 5e-6, because: 'two chained sums of at most 6 products in float32' };

describe('loraDelta', () => {
  it.onEachBackend('gives scaling · (x A) B and the gradients of x, A and B', ({ tensors }) => {
    checkOp({
      inputs: [tensors.randn([2, 3, 6]), tensors.randn([6, 2]), tensors.randn([2, 5])],
      op: (x, a, b) => loraDelta(x, a as Tensor2D, b as Tensor2D, 1.5),
      reference: (x, a, b) => mapped(matMul64(matMul64(x, a, [6, 6, 2]), b, [6, 2, 5]), (value) => 1.5 * value),
      ...close,
    });
  });

  it.onEachBackend('is what multiplying by deltaWeight gives', ({ tensors }) => {
    const [x, a, b] = [tensors.randn([4, 6]), tensors.randn([6, 2]) as Tensor2D, tensors.randn([2, 5]) as Tensor2D];
    const w = deltaWeight(a, b, 0.25);
    const delta = loraDelta(x, a, b, 0.25);
    expectClose(delta, matMul64(x.dataSync(), w.dataSync(), [4, 6, 5]), close);
    w.dispose();
    delta.dispose();
  });
});
