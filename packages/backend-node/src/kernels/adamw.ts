import type { AdamwArgs, AdamwResult, PlainKernel } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../xla/compiled.js';
import { program } from '../xla/program.js';

export const adamwPrograms = {
  /** One parameter; `rate` and `scale` are `learningRate / (1 - β₁ᵗ)` and `1 / (1 - β₂ᵗ)`, `kept` is `1 - learningRate · λ`. */
  adamw: program(
    ['parameter', 'gradient', 'm', 'v', 'beta1', 'beta2', 'rate', 'scale', 'epsilon', 'kept'],
    (f, { parameter, gradient, m, v, beta1, beta2, rate, scale, epsilon, kept }) => {
      const mean = f.add(f.mul(m, beta1), f.mul(gradient, f.sub(1, beta1)));
      const squares = f.add(f.mul(v, beta2), f.mul(f.square(gradient), f.sub(1, beta2)));
      const change = f.div(f.mul(mean, rate), f.add(f.sqrt(f.mul(squares, scale)), epsilon));
      return [f.sub(f.mul(parameter, kept), change), mean, squares];
    },
  ),
};

export function adamw(run: Record<keyof typeof adamwPrograms, Run>): PlainKernel<AdamwArgs, AdamwResult> {
  return ({ parameters, gradients, m, v, learningRate, beta1, beta2, epsilon, weightDecay, step }) => {
    const rate = learningRate / (1 - beta1 ** step);
    const scale = 1 / (1 - beta2 ** step);
    const kept = 1 - learningRate * weightDecay;
    const updated = parameters.map((parameter, index) => {
      const [gradient, mean, squares] = [gradients[index], m[index], v[index]] as [Tensor, Tensor, Tensor];
      return run.adamw(parameter, gradient, mean, squares, beta1, beta2, rate, scale, epsilon, kept);
    }) as [Tensor, Tensor, Tensor][];
    return {
      parameters: updated.map(([parameter]) => parameter),
      m: updated.map(([, mean]) => mean),
      v: updated.map(([, , squares]) => squares),
    };
  };
}
