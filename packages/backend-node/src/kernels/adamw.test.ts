import { adamw, useBackend } from '@lowrank/core';
import { node } from '@lowrank/backend-node';
import { describe, expect, expectClose, it, tensorsFor } from '@lowrank/testing';
import { profile, type Tensor } from '@tensorflow/tfjs-core';
import { tensorflowIsHere } from '../../test/tensorflow-is-here.js';

const rates = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 };

describe('adamw as a program', async () => {
  const test = it.runIf(await tensorflowIsHere());
  for (const shapes of [[[3, 5]], [[7, 2], [1], [2, 2, 2], [0, 3]]]) {
    test(`updates ${shapes.length} parameters at once, as its formula in float64 does`, async () => {
      await useBackend(node());
      const tensors = tensorsFor(17);
      const list = () => shapes.map((shape) => tensors.randn(shape));
      const [parameters, gradients, m] = [list(), list(), list()];
      const v = list().map((each) => tensors.of(each.dataSync().map(Math.abs), each.shape));
      let made: Tensor[] = [];
      const { kernels } = await profile(() => {
        const result = adamw({ parameters, gradients, m, v, ...rates, step: 3 });
        made = [...result.parameters, ...result.m, ...result.v];
        return made;
      });
      expect(kernels).toEqual([]);
      shapes.forEach((_, index) => {
        const [p, g, mean, squares] = [parameters, gradients, m, v].map((each) => each[index]!.dataSync());
        const want = Array.from(p!, (_, at) => updated64(p![at]!, g![at]!, mean![at]!, squares![at]!));
        [0, 1, 2].forEach((part) => {
          const values = want.map((each) => each[part] as number);
          expectClose(made[part * shapes.length + index]!, values, { atol: 1e-6, because: 'float32 roundings' });
        });
      });
      for (const each of made) each.dispose();
      tensors.dispose();
    });
  }

  test('has nothing to do without parameters', async () => {
    await useBackend(node());
    const none = adamw({ parameters: [], gradients: [], m: [], v: [], ...rates, step: 1 });
    expect(none).toEqual({ parameters: [], m: [], v: [] });
  });
});

function updated64(p: number, g: number, m: number, v: number): [number, number, number] {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = rates;
  const [mean, squares] = [beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g];
  const change = mean / (1 - beta1 ** 3) / (Math.sqrt(squares / (1 - beta2 ** 3)) + epsilon);
  return [p - learningRate * (change + weightDecay * p), mean, squares];
}
