import { adamw, useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { dispose, profile, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { random } from '../../test/check-kernel.js';

const settings = { learningRate: 0.1, beta1: 0.9, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.2 };

describe('adamw on wasm', () => {
  it('equals its formula in float64 over three updates of many tensors, in no kernel of tfjs', async () => {
    await useBackend(wasm());
    const shapes = [[1], [7], [384, 8], [3, 9000], [0, 4]];
    const make = (seed: number, of: (value: number) => number) =>
      shapes.map((shape, index) => tensor(random(shape, seed + index).map(of), shape));
    let state = { parameters: make(1, (v) => v), m: make(20, () => 0), v: make(20, () => 0) };
    const wide = state.parameters.map((tensor) => Float64Array.from(tensor.dataSync()));
    const moments = wide.map((values) => ({ m: values.map(() => 0), v: values.map(() => 0) }));
    for (let step = 1; step <= 3; step++) {
      const gradients = make(100 * step, (value) => 0.01 * value);
      let next = state;
      const { kernels } = await profile(() => {
        next = adamw({ ...state, gradients, ...settings, step });
        return [...next.parameters, ...next.m, ...next.v];
      });
      expect(kernels.map(({ name }) => name)).toEqual([]);
      gradients.forEach((gradient, index) => {
        update(wide[index]!, moments[index]!, gradient, step);
        expectClose(next.parameters[index]!, wide[index]!, { atol: 2e-6, because: 'a quotient in float32' });
        expectClose(next.m[index]!, moments[index]!.m, { atol: 1e-8, because: 'values near 0.01' });
        expectClose(next.v[index]!, moments[index]!.v, { atol: 1e-9, because: 'values near 1e-4' });
      });
      dispose([...gradients, ...state.parameters, ...state.m, ...state.v]);
      state = next;
    }
    dispose(Object.values(state).flat());
  });
});

function update(p: Float64Array, { m, v }: { m: Float64Array; v: Float64Array }, gradient: Tensor, step: number): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = settings;
  gradient.dataSync().forEach((g, i) => {
    m[i] = beta1 * m[i]! + (1 - beta1) * g;
    v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
    const [mean, square] = [m[i]! / (1 - beta1 ** step), v[i]! / (1 - beta2 ** step)];
    p[i] = p[i]! - learningRate * (mean / (Math.sqrt(square) + epsilon) + weightDecay * p[i]!);
  });
}
