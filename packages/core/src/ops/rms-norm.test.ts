import { rmsNorm } from '@lowrank/core';
import { checkOp, describe, it, mapped } from '@lowrank/testing';
import type { Tensor1D } from '@tensorflow/tfjs-core';

describe('rmsNorm', () => {
  it.onEachBackend('divides each row by its root mean square and scales it, with the gradient of x', ({ tensors }) => {
    const weight = tensors.randn([6]) as Tensor1D;
    checkOp({
      inputs: [tensors.randn([2, 3, 6])],
      op: (x) => rmsNorm(x, weight, 1e-3),
      reference: (x) => {
        const w = weight.dataSync();
        const inverse = (row: number) =>
          1 / Math.sqrt(x.slice(row * 6, row * 6 + 6).reduce((t, v) => t + v * v, 0) / 6 + 1e-3);
        return mapped(x, (value, i) => value * inverse(Math.floor(i / 6)) * (w[i % 6] as number));
      },
      atol: 5e-6,
      because: 'a mean of 6 squares and a reciprocal root in float32',
    });
  });
});
