import { adamw, type AdamwArgs } from '@lowrank/core';
import { describe, errorOf, expect, expectClose, it, mapped } from '@lowrank/testing';
import { dispose, memory, ones, tidy, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

const settings = { learningRate: 0.05, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 };
const close = { atol: 2e-6, because: 'three updates, each with a root and a quotient in float32' };

interface State {
  p: Float64Array;
  m: Float64Array;
  v: Float64Array;
}

/** Algorithm 2 of the paper, with a schedule of 1. */
function step64({ p, m, v }: State, g: ArrayLike<number>, step: number): State {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = settings;
  const m2 = mapped(m, (old, i) => beta1 * old + (1 - beta1) * (g[i] as number));
  const v2 = mapped(v, (old, i) => beta2 * old + (1 - beta2) * (g[i] as number) ** 2);
  const moved = mapped(p, (old, i) => {
    const [mHat, vHat] = [(m2[i] as number) / (1 - beta1 ** step), (v2[i] as number) / (1 - beta2 ** step)];
    return old - learningRate * (mHat / (Math.sqrt(vHat) + epsilon) + weightDecay * old);
  });
  return { p: moved, m: m2, v: v2 };
}

describe('adamw', () => {
  it.onEachBackend('updates parameters and both means as the paper does, step by step', ({ tensors }) => {
    const starts = [tensors.randn([2, 3]), tensors.randn([5])];
    let states = starts.map((start): State => {
      const p = Float64Array.from(start.dataSync());
      return { p, m: new Float64Array(p.length), v: new Float64Array(p.length) };
    });
    let now = {
      parameters: starts as Tensor[],
      m: starts.map((each) => zerosLike(each)),
      v: starts.map((each) => zerosLike(each)),
    };
    for (let step = 1; step <= 3; step++) {
      const gradients = [tensors.randn([2, 3]), tensors.randn([5])];
      const next = adamw({ ...now, gradients, ...settings, step });
      dispose([...(step > 1 ? now.parameters : []), ...now.m, ...now.v]);
      now = next;
      states = states.map((state, which) => step64(state, gradients[which]!.dataSync(), step));
      states.forEach(({ p, m, v }, which) => {
        expectClose(now.parameters[which]!, p, close);
        expectClose(now.m[which]!, m, close);
        expectClose(now.v[which]!, v, close);
      });
    }
    dispose([now.parameters, now.m, now.v].flat());
  });

  it.onEachBackend('changes nothing in place, and gives three new tensors a parameter', ({ tensors }) => {
    const given = {
      parameters: [tensors.randn([4])],
      gradients: [tensors.randn([4])],
      m: [tensors.randn([4])],
      v: [tensors.of([1, 2, 3, 4], [4])],
    };
    const lists = Object.values(given).flat();
    const before = lists.map((tensor) => [...tensor.dataSync()]);
    const { numTensors } = memory();
    const after = adamw({ ...given, ...settings, step: 2 });
    expect(memory().numTensors).toBe(numTensors + 3);
    expect(lists.map((tensor) => [...tensor.dataSync()])).toEqual(before);
    dispose([after.parameters, after.m, after.v].flat());
  });

  it.onEachBackend(
    'moves a parameter by the learning rate at its first step, however large the gradient is',
    ({ tensors }) => {
      const [p, zero] = [tensors.of([0, 0, 0], [3]), tensors.of([0, 0, 0], [3])];
      const args = { parameters: [p], gradients: [tensors.of([1e4, -1e-2, 3], [3])], m: [zero], v: [zero] };
      const after = adamw({ ...args, ...settings, step: 1 });
      expectClose(after.parameters[0]!, [-0.05, 0.05, -0.05], {
        atol: 1e-5,
        because: 'an epsilon of 1e-6 beside 1e-2',
      });
      dispose([after.parameters, after.m, after.v].flat());
    },
  );

  it('refuses lists that do not belong together, and integers', async () => {
    const codeOf = async (change: () => Partial<AdamwArgs>) =>
      (await errorOf(() => tidy(() => void adamw({ ...lists(), ...change() })))).code;
    const lists = () => ({
      parameters: [ones([2])],
      gradients: [ones([2])],
      m: [ones([2])],
      v: [ones([2])],
      ...settings,
      step: 1,
    });
    expect(await codeOf(() => ({ gradients: [] }))).toBe('shape-mismatch');
    expect(await codeOf(() => ({ m: [ones([1, 2])] }))).toBe('shape-mismatch');
    expect(await codeOf(() => ({ v: [ones([2], 'int32')] }))).toBe('dtype-unsupported');
  });
});
