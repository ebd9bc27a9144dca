import { randomFloats, useBackend, type AdamwArgs } from '@lowrank/core';
import { describe, expect, expectClose, it, type Tensors } from '@lowrank/testing';
import { adamw, chain, type GradientTransform, type Optimizer } from '@lowrank/trainer';
import { add, clone, dispose, mul, tidy, type NamedTensorMap } from '@tensorflow/tfjs-core';

const options = { beta1: 0.8, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
const learningRate = 0.01;

describe('adamw', () => {
  it.onEachBackend('moves each parameter as the float64 formula does, with its own moments', ({ tensors }) => {
    const start = { 'x.lora_A.weight': tensors.randn([2, 3]), 'x.lora_B.weight': tensors.randn([3, 4]) };
    const expected = Object.values(start).map((value) => Float64Array.from(value.dataSync()));
    const moments = expected.map(({ length }) => [new Float64Array(length), new Float64Array(length)] as const);
    let [parameters, state] = begin(adamw(options), start);
    for (let step = 1; step <= 4; step++) {
      const gradients = gradientsAt(tensors, start, step);
      Object.values(gradients).forEach((gradient, index) => {
        const [m, v] = moments[index]!;
        reference(expected[index]!, gradient.dataSync() as Float32Array, m, v, step);
      });
      [parameters, state] = advance(adamw(options), parameters, gradients, state, step);
    }
    Object.values(parameters).forEach((value, index) => {
      expectClose(value, expected[index]!, {
        atol: 1e-6,
        because: 'four float32 updates of 0.01 on values of about 1',
      });
    });
    dispose([parameters, state]);
  });

  it.onEachBackend('keeps weight decay out of the moments', ({ tensors }) => {
    const start = { a: tensors.randn([4]) };
    const gradients = { a: tensors.randn([4]) };
    const [decayed, plain] = [options, { ...options, weightDecay: 0 }].map((given) => {
      const [parameters, state] = begin(adamw(given), start);
      return advance(adamw(given), parameters, gradients, state, 1);
    });
    expect(decayed![1]['v/a']!.dataSync()).toEqual(plain![1]['v/a']!.dataSync());
    expect(decayed![0]['a']!.dataSync()).not.toEqual(plain![0]['a']!.dataSync());
    dispose([decayed!, plain!].flat());
  });
});

describe("a backend's own adamw", () => {
  it.onEachBackend('is called once an update, with every parameter', async ({ backend, tensors }) => {
    const start = { a: tensors.randn([4]), b: tensors.randn([2, 3]) };
    const gradients = { a: tensors.randn([4]), b: tensors.randn([2, 3]) };
    const calls: AdamwArgs[] = [];
    await useBackend({ ...backend, kernels: { adamw: (args) => void calls.push(args) } });
    try {
      const [parameters, state] = begin(adamw(options), start);
      dispose(advance(adamw(options), parameters, gradients, state, 7));
    } finally {
      await useBackend(backend);
    }
    expect(calls).toMatchObject([{ ...options, step: 7, learningRate, gradients: [gradients.a, gradients.b] }]);
  });
});

describe('chain', () => {
  it.onEachBackend('gives an optimiser what each transform in turn makes of the gradients', ({ tensors }) => {
    const start = { a: tensors.of([1, -2], [2]) };
    const seen: number[][] = [];
    const noting: Optimizer = {
      init: () => ({}),
      update: (gradients, state, { parameters }) => {
        seen.push(Array.from(gradients['a']!.dataSync()));
        return { parameters: { a: clone(parameters['a']!) }, state };
      },
    };
    const times =
      (factor: number): GradientTransform =>
      ({ a }) => ({ a: mul(a!, factor) });
    const plus: GradientTransform = ({ a }) => ({ a: add(a!, 1) });
    const context = { step: 1, learningRate, gradientNorm: 1, parameters: start };
    tidy(() => void chain(times(3), plus, noting).update(start, {}, context));
    expect(seen).toEqual([[4, -5]]);
  });
});

function begin(optimizer: Optimizer, start: NamedTensorMap): [NamedTensorMap, NamedTensorMap] {
  const parameters = Object.fromEntries(Object.entries(start).map(([name, value]) => [name, clone(value)]));
  return [parameters, tidy(() => optimizer.init(parameters))];
}

function advance(
  optimizer: Optimizer,
  parameters: NamedTensorMap,
  gradients: NamedTensorMap,
  state: NamedTensorMap,
  step: number,
): [NamedTensorMap, NamedTensorMap] {
  const next = tidy((): [NamedTensorMap, NamedTensorMap] => {
    const context = { step, learningRate, gradientNorm: 1, parameters };
    const result = optimizer.update(gradients, state, context);
    return [result.parameters, result.state];
  });
  dispose([parameters, state]);
  return next;
}

function gradientsAt(tensors: Tensors, start: NamedTensorMap, step: number): NamedTensorMap {
  const named = Object.entries(start).map(([name, { shape, size }], index) => {
    const values = randomFloats(size, { distribution: 'normal', seed: 10 * step + index });
    return [name, tensors.of(values, shape)];
  });
  return Object.fromEntries(named);
}

/** Algorithm 2 of Loshchilov & Hutter, in float64 and in place. */
function reference(p: Float64Array, g: Float32Array, m: Float64Array, v: Float64Array, step: number): void {
  const { beta1, beta2, epsilon, weightDecay } = options;
  for (let i = 0; i < p.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
    v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2;
    const direction = m[i]! / (1 - beta1 ** step) / (Math.sqrt(v[i]! / (1 - beta2 ** step)) + epsilon);
    p[i]! -= learningRate * (direction + weightDecay * p[i]!);
  }
}
