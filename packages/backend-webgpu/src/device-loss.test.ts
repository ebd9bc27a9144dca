import { webgpu } from '@lowrank/backend-webgpu';
import { adamw, FrozenLinear, loraLinear, useBackend, type AdamwResult } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import {
  dispose,
  grads,
  mean,
  square,
  sub,
  tensor2d,
  tidy,
  type Scalar,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { dawnIsHere } from '../test/dawn.js';
import { deviceOf } from '../test/device-of.js';
import { random } from '../test/op-check.js';

const [rows, features, out, rank] = [6, 5, 7, 2];
const settings = { learningRate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/** What a run needs to go on: A, B and their moments, as plain numbers. */
interface Checkpoint {
  step: number;
  values: Float32Array[];
}

describe('a run whose device is lost', async () => {
  const test = it.runIf(await dawnIsHere());

  test('ends with device-lost, and goes on from its checkpoint to what it would have come to', async () => {
    await useBackend(webgpu());
    const start: Checkpoint = {
      step: 0,
      values: [
        random([features, rank], 1),
        new Float32Array(rank * out),
        ...Array.from({ length: 4 }, (_, i) => new Float32Array(i % 2 ? rank * out : features * rank)),
      ],
    };
    const whole = await train(start, 6);
    const half = await train(start, 3);
    const error = await errorOf(() => train(half, 6, (step) => step === 5 && deviceOf().destroy()));
    expect(error.code).toBe('device-lost');

    await useBackend(webgpu());
    expect((await train(half, 6)).values).toEqual(whole.values);
    expect(whole.values[1]).not.toEqual(half.values[1]);
  });
});

/** Trains A and B to given outputs up to step `until`. */
async function train(
  { step, values }: Checkpoint,
  until: number,
  during?: (step: number) => void,
): Promise<Checkpoint> {
  const shapes: [number, number][] = [
    [features, rank],
    [rank, out],
  ];
  const base = new FrozenLinear(tensor2d(random([features, out], 2), [features, out]));
  const [x, y] = [
    tensor2d(random([rows, features], 3), [rows, features]),
    tensor2d(random([rows, out], 4), [rows, out]),
  ];
  let state = values.map((data, index) => tensor2d(data, shapes[index % 2] as [number, number])) as Tensor[];
  try {
    for (let now = step + 1; now <= until; now++) {
      const next = tidy(() => {
        const [a, b, ...moments] = state as [Tensor2D, Tensor2D, ...Tensor[]];
        const loss = (a: Tensor, b: Tensor): Scalar => {
          const weights = { weight: base.weight, a: a as Tensor2D, b: b as Tensor2D, scaling: 2 };
          return mean(square(sub(loraLinear(x, weights), y)));
        };
        const gradients = grads(loss)([a, b]);
        const [m, v] = [moments.slice(0, 2), moments.slice(2)];
        const result: AdamwResult = adamw({ parameters: [a, b], gradients, m, v, ...settings, step: now });
        return [...result.parameters, ...result.m, ...result.v];
      });
      dispose(state);
      state = next;
      during?.(now);
    }
    const data = await Promise.all(state.map((tensor) => tensor.data()));
    return { step: until, values: data as Float32Array[] };
  } finally {
    dispose([...state, x, y]);
    base.dispose();
  }
}
