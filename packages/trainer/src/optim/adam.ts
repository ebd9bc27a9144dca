import { add, div, mul, sqrt, square, zerosLike, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import { mapTensors, type Optimizer } from './optimizer.js';

export interface AdamOptions {
  /** Decay of the mean of gradients. */
  beta1: number;
  /** Decay of the mean of their squares. */
  beta2: number;
  /** Added to the root of the latter. */
  epsilon: number;
}

/**
 * Adam's direction, not yet scaled by a learning rate: with `m ← β₁ m + (1 - β₁) g` and `v ← β₂ v + (1 - β₂) g²`,
 * it is `m̂ / (√v̂ + ε)` where `m̂ = m / (1 - β₁ᵗ)`, `v̂ = v / (1 - β₂ᵗ)` and t is the update's number.
 *
 * @see Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1
 */
export function adam({ beta1, beta2, epsilon }: AdamOptions): Optimizer {
  return {
    init: (parameters) => ({
      ...slot('m', mapTensors(parameters, zerosLike)),
      ...slot('v', mapTensors(parameters, zerosLike)),
    }),
    update: (gradients, state, { step }) => {
      const m = mapTensors(gradients, (g, name) => mixed(state[`m/${name}`] as Tensor, g, beta1));
      const v = mapTensors(gradients, (g, name) => mixed(state[`v/${name}`] as Tensor, square(g), beta2));
      const updates = mapTensors(gradients, (_, name) => {
        const mean = mul(m[name] as Tensor, 1 / (1 - beta1 ** step));
        const squares = mul(v[name] as Tensor, 1 / (1 - beta2 ** step));
        return div(mean, add(sqrt(squares), epsilon));
      });
      return { updates, state: { ...slot('m', m), ...slot('v', v) } };
    },
  };
}

function mixed(old: Tensor, now: Tensor, decay: number): Tensor {
  return add(mul(old, decay), mul(now, 1 - decay));
}

function slot(name: string, tensors: NamedTensorMap): NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([parameter, tensor]) => [`${name}/${parameter}`, tensor]));
}
