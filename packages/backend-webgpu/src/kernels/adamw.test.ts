import { webgpu } from '@lowrank/backend-webgpu';
import { adamw, useBackend } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { dispose, profile, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { dawnIsHere } from '../../test/dawn.js';
import { random } from '../../test/op-check.js';

const settings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, step: 3 };
const shapes = [[3, 5], [1], [70, 8], [2, 2, 2]];

describe('adamw in WGSL', async () => {
  const test = it.runIf(await dawnIsHere());

  test('updates many parameters as its formula in float64 does, and changes none in place', async () => {
    await useBackend(webgpu());
    const given = [0, 10, 20, 30].map((seed) =>
      shapes.map((shape, index) => random(shape, seed + index).map((value) => (seed === 30 ? value * value : value))),
    );
    const [parameters, gradients, m, v] = given.map((values) =>
      values.map((data, index) => tensor(data, shapes[index] as number[])),
    ) as [Tensor[], Tensor[], Tensor[], Tensor[]];
    let result: ReturnType<typeof adamw> | undefined;
    const { kernels } = await profile(() => {
      result = adamw({ parameters, gradients, m, v, ...settings });
      return result.parameters;
    });
    expect(kernels.filter(({ name }) => name !== 'unnamed scope')).toEqual([]);
    const updated = result as ReturnType<typeof adamw>;
    for (const index of shapes.keys()) {
      const before = given.map((list) => list[index] as Float32Array) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const want = adamw64(...before);
      const got = [updated.parameters, updated.m, updated.v].map((list) => list[index] as Tensor);
      for (const [which, tensor] of got.entries()) {
        expect(tensor.shape).toEqual(shapes[index]);
        (await tensor.data()).forEach((value, i) => expect(value).toBeCloseTo(want[which]?.[i] as number, 6));
      }
      expect(await (parameters[index] as Tensor).data()).toEqual(before[0]);
    }
    dispose([...parameters, ...gradients, ...m, ...v, ...updated.parameters, ...updated.m, ...updated.v]);
  });
});

function adamw64(p: Float32Array, g: Float32Array, m: Float32Array, v: Float32Array): number[][] {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = settings;
  const mean = [...m].map((old, i) => beta1 * old + (1 - beta1) * (g[i] as number));
  const squares = [...v].map((old, i) => beta2 * old + (1 - beta2) * (g[i] as number) ** 2);
  const moved = [...p].map((old, i) => {
    const direction = (mean[i] as number) / (1 - beta1 ** step);
    const size = Math.sqrt((squares[i] as number) / (1 - beta2 ** step)) + epsilon;
    return old - learningRate * (direction / size + weightDecay * old);
  });
  return [moved, mean, squares];
}
