import { abs, add, mean, mul, sub, type Tensor } from '@tensorflow/tfjs-core';

/** Of each element of a factor: its importance, smoothed, and how much that goes up and down. */
export interface Importance {
  sensitivity: Tensor;
  uncertainty: Tensor;
}

const beta = 0.85; // of both means, as in the paper and in PEFT

/**
 * Importance after one more step: `I = |w · g|` is about how much the loss would change without `w`, its mean is
 * `Ī ← 0.85 Ī + 0.15 I`, and the mean of how far it is off `Ū ← 0.85 Ū + 0.15 |I - Ī|`. Runs in a `tidy` of the caller.
 *
 * @see Zhang et al. 2023, https://arxiv.org/abs/2303.10512, eq. 8 to 10
 */
export function nextImportance(before: Importance, weight: Tensor, gradient: Tensor): Importance {
  const now = abs(mul(weight, gradient));
  const sensitivity = smoothed(before.sensitivity, now);
  return { sensitivity, uncertainty: smoothed(before.uncertainty, abs(sub(now, sensitivity))) };
}

/**
 * `[rank]`: the mean of `Ī · Ū` over the elements that each component has in a factor.
 *
 * @param axis the factor's axis of length rank
 */
export function componentScores({ sensitivity, uncertainty }: Importance, axis: number): Tensor {
  const others = sensitivity.shape.map((_, index) => index).filter((index) => index !== axis);
  return mean(mul(sensitivity, uncertainty), others);
}

function smoothed(before: Tensor, now: Tensor): Tensor {
  return add(mul(before, beta), mul(now, 1 - beta));
}
