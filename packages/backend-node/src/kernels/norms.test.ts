import { layerNorm, rmsNorm } from '@lowrank/core';
import { describe, it, tensorsFor } from '@lowrank/testing';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { checkOwn } from '../../test/check-own.js';
import { tensorflowIsHere } from '../../test/tensorflow-is-here.js';

const hidden = 17;

describe('norms as programs equal their formulas in float64, with their gradients', async () => {
  const test = it.runIf(await tensorflowIsHere());
  for (const shape of [
    [5, hidden],
    [1, hidden],
    [2, 3, hidden],
    [0, hidden],
  ]) {
    test(`rmsNorm of [${shape.join()}]`, async () => {
      const tensors = tensorsFor(3);
      const weight = tensors.randn([hidden]) as Tensor1D;
      await checkOwn({
        inputs: [tensors.randn(shape)],
        op: (x) => rmsNorm(x, weight, 1e-5),
        reference: (x) => normalised(x, { centre: false, weight: weight.dataSync() }),
        atol: 1e-5,
        because: 'sums of 17 in float32',
      });
      tensors.dispose();
    });

    test(`layerNorm of [${shape.join()}]`, async () => {
      const tensors = tensorsFor(4);
      const [weight, bias] = [tensors.randn([hidden]) as Tensor1D, tensors.randn([hidden]) as Tensor1D];
      await checkOwn({
        inputs: [tensors.randn(shape)],
        op: (x) => layerNorm(x, weight, bias, 1e-5),
        reference: (x) => normalised(x, { centre: true, weight: weight.dataSync(), bias: bias.dataSync() }),
        atol: 2e-5,
        because: 'sums of 17 in float32',
      });
      tensors.dispose();
    });
  }
});

interface Norm {
  centre: boolean;
  weight: ArrayLike<number>;
  bias?: ArrayLike<number>;
}

function normalised(x: Float64Array, { centre, weight, bias }: Norm): Float64Array {
  return x.map((value, index) => {
    const row = x.subarray(index - (index % hidden), index - (index % hidden) + hidden);
    const mean = centre ? row.reduce((sum, v) => sum + v) / hidden : 0;
    const squares = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / hidden;
    const column = index % hidden;
    return ((value - mean) / Math.sqrt(squares + 1e-5)) * (weight[column] as number) + (bias?.[column] ?? 0);
  });
}
