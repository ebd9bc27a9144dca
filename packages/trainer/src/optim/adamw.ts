import { adamw as fusedAdamw } from '@lowrank/core';
import { zerosLike, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import type { Optimizer } from './optimizer.js';

export interface AdamWOptions {
  /** Decay of the mean of gradients. */
  beta1: number;
  /** Decay of the mean of their squares. */
  beta2: number;
  /** Added to the root of the latter. */
  epsilon: number;
  /** Share of a parameter taken away an update, times the learning rate; A and B alike, as in PyTorch. 0 is Adam. */
  weightDecay: number;
}

/**
 * Adam with decoupled weight decay, equal to `torch.optim.AdamW`: `p ← p - lr · (m̂ / (√v̂ + ε) + λ p)`. The decay
 * never enters the moments. All parameters go through core's `adamw` at once: one kernel where the backend has it.
 *
 * @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2
 */
export function adamw(options: AdamWOptions): Optimizer {
  return {
    init: (parameters) => {
      const names = Object.keys(parameters);
      const zeros = () => names.map((name) => zerosLike(parameters[name] as Tensor));
      return { ...named(names, zeros(), 'm/'), ...named(names, zeros(), 'v/') };
    },
    update: (gradients, state, { step, learningRate, parameters }) => {
      const names = Object.keys(gradients);
      const of = (tensors: NamedTensorMap, slot = '') => names.map((name) => tensors[slot + name] as Tensor);
      const { m, v, ...updated } = fusedAdamw({
        ...options,
        step,
        learningRate,
        parameters: of(parameters),
        gradients: of(gradients),
        m: of(state, 'm/'),
        v: of(state, 'v/'),
      });
      return {
        parameters: named(names, updated.parameters),
        state: { ...named(names, m, 'm/'), ...named(names, v, 'v/') },
      };
    },
  };
}

function named(names: string[], tensors: Tensor[], slot = ''): NamedTensorMap {
  return Object.fromEntries(names.map((name, index) => [slot + name, tensors[index] as Tensor]));
}
