import { layerNorm } from '@lowrank/core';
import { checkOp, describe, errorOf, expect, it, mapped } from '@lowrank/testing';
import { ones, tidy, type Tensor1D } from '@tensorflow/tfjs-core';

const hidden = 6;
const because = 'two means of 6 values and a reciprocal root in float32';

function layerNorm64(
  x: Float64Array,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  epsilon: number,
): Float64Array {
  const of = (values: Float64Array) => values.reduce((total, value) => total + value, 0) / hidden;
  const rowOf = (index: number) => x.subarray(index - (index % hidden), index - (index % hidden) + hidden);
  return mapped(x, (value, index) => {
    const mean = of(rowOf(index));
    const variance = of(rowOf(index).map((each) => (each - mean) ** 2));
    const z = (value - mean) / Math.sqrt(variance + epsilon);
    return z * (weight[index % hidden] as number) + (bias[index % hidden] as number);
  });
}

describe('layerNorm', () => {
  it.onEachBackend(
    'gives each row the mean and deviation of the weight and bias, with the gradient of x',
    ({ tensors }) => {
      const [weight, bias] = [tensors.randn([hidden]) as Tensor1D, tensors.randn([hidden]) as Tensor1D];
      checkOp({
        inputs: [tensors.randn([2, 3, hidden])],
        op: (x) => layerNorm(x, weight, bias, 1e-3),
        reference: (x) => layerNorm64(x, weight.dataSync(), bias.dataSync(), 1e-3),
        atol: 5e-6,
        because,
      });
    },
  );

  it.onEachBackend('keeps its digits where the mean is a hundred deviations away', ({ tensors }) => {
    const [weight, bias] = [tensors.randn([hidden]) as Tensor1D, tensors.randn([hidden]) as Tensor1D];
    checkOp({
      inputs: [tensors.of([100, 101, 102, 99, 98, 100], [1, hidden])],
      op: (x) => layerNorm(x, weight, bias, 1e-5),
      reference: (x) => layerNorm64(x, weight.dataSync(), bias.dataSync(), 1e-5),
      atol: 2e-5,
      because: 'a mean of 100 is rounded to 8e-6',
    });
  });

  it('refuses a weight that belongs to another width', async () => {
    await tidyError(() => layerNorm(ones([2, 6]), ones([5]), ones([6]), 1e-5), 'x of shape [2, 6]');
    await tidyError(() => layerNorm(ones([2, 6]), ones([6]), ones([1]), 1e-5), 'bias of shape [1]');
  });
});

async function tidyError(work: () => void, given: string): Promise<void> {
  const error = await errorOf(() => tidy(work));
  expect(error.code).toBe('shape-mismatch');
  expect(error.given).toContain(given);
}
