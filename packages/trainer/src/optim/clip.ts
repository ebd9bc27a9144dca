import { mul } from '@tensorflow/tfjs-core';
import type { GradientTransform } from './optimizer.js';

/**
 * Scales all gradients by one factor, `min(1, maxNorm / (norm + 1e-6))`, so that their global L2 norm is at most
 * `maxNorm`; 0 is off. The factor is that of `torch.nn.utils.clip_grad_norm_`.
 *
 * @see Pascanu et al. 2013, https://arxiv.org/abs/1211.5063, algorithm 1
 */
export function clip(maxNorm: number): GradientTransform {
  return (gradients, { gradientNorm }) => {
    const factor = maxNorm / (gradientNorm + 1e-6);
    if (maxNorm === 0 || factor >= 1) return gradients;
    return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, mul(gradient, factor)]));
  };
}
