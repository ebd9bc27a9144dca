import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import { adam, type AdamOptions } from './adam.js';
import { chain } from './chain.js';
import { stateless, type Optimizer } from './optimizer.js';

export interface AdamWOptions extends AdamOptions {
  /** Share of a parameter taken away an update, times the learning rate; A and B alike, as in PyTorch. */
  weightDecay: number;
}

/**
 * Adam with decoupled weight decay, equal to `torch.optim.AdamW`: `p ← p - lr · (m̂ / (√v̂ + ε) + λ p)`.
 * The decay never enters the moments.
 *
 * @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2
 */
export function adamw({ weightDecay, ...options }: AdamWOptions): Optimizer {
  const decay = stateless((update, name, { parameters }) => add(update, mul(parameters[name] as Tensor, weightDecay)));
  const descend = stateless((update, _name, { learningRate }) => mul(update, -learningRate));
  return chain(adam(options), ...(weightDecay === 0 ? [] : [decay]), descend);
}
