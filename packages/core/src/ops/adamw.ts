import { add, div, mul, sqrt, square, sub, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { kernelOf } from '../backend/active-kernels.js';
import type { AdamwArgs, AdamwResult } from '../backend/kernels.js';
import { requireDtype } from './require-dtype.js';
import { requireShape } from './require-shape.js';

/**
 * One update of many parameters at once, `p ← p - lr · (m̂ / (√v̂ + ε) + λ p)`, with `m ← β₁ m + (1 - β₁) g`,
 * `v ← β₂ v + (1 - β₂) g²`, `m̂ = m / (1 - β₁ᵗ)`, `v̂ = v / (1 - β₂ᵗ)`. Nothing is changed in place.
 *
 * @returns the new values, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 * @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2
 */
export function adamw(args: AdamwArgs): AdamwResult {
  for (const name of ['parameters', 'gradients', 'm', 'v'] as const) {
    args.parameters.forEach((parameter, index) => {
      const entry = args[name][index];
      requireShape('adamw', `${name}[${index}]`, entry ?? { shape: [] }, parameter.shape);
      requireDtype('adamw', `${name}[${index}]`, entry, 'float32');
    });
  }
  let result: AdamwResult = { parameters: [], m: [], v: [] };
  tidy(() => {
    result = kernelOf('adamw')?.(args) ?? composed(args);
    return [...result.parameters, ...result.m, ...result.v];
  });
  return result;
}

function composed(args: AdamwArgs): AdamwResult {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = args;
  const m = args.m.map((old, index) => mixed(old, args.gradients[index] as Tensor, beta1));
  const v = args.v.map((old, index) => mixed(old, square(args.gradients[index] as Tensor), beta2));
  const parameters = args.parameters.map((parameter, index) => {
    const mean = mul(m[index] as Tensor, learningRate / (1 - beta1 ** step));
    const squares = mul(v[index] as Tensor, 1 / (1 - beta2 ** step));
    const kept = mul(parameter, 1 - learningRate * weightDecay);
    return sub(kept, div(mean, add(sqrt(squares), epsilon)));
  });
  return { parameters, m, v };
}

function mixed(old: Tensor, now: Tensor, decay: number): Tensor {
  return add(mul(old, decay), mul(now, 1 - decay));
}
