import type { Kernel, LayerNormArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';

export const layerNormPrograms = {
  layerNorm: program(['x', 'weight', 'bias', 'epsilon'], (f, { x, weight, bias, epsilon }) => {
    const centred = f.sub(x, f.mean(x));
    const inverse = f.rsqrt(f.add(f.mean(f.square(centred)), epsilon));
    const normal = f.mul(centred, inverse);
    return [f.add(f.mul(normal, weight), bias), normal, inverse];
  }),

  layerNormGrad: program(['normal', 'inverse', 'weight', 'dy'], (f, { normal, inverse, weight, dy }) => {
    const g = f.mul(dy, weight);
    const along = f.mul(normal, f.mean(f.mul(g, normal)));
    return [f.mul(f.sub(f.sub(g, f.mean(g)), along), inverse)];
  }),
};

/** Keeps what x was normalised to, from which its gradient needs neither x nor its mean. */
export function layerNorm(run: Record<keyof typeof layerNormPrograms, Run>): Kernel<LayerNormArgs> {
  return ({ x, weight, bias, epsilon }, save) => {
    const [value, ...kept] = run.layerNorm(x, weight, bias, epsilon) as [Tensor, Tensor, Tensor];
    save(kept);
    return {
      value,
      gradient: (dy, [normal, inverse]) => run.layerNormGrad(normal as Tensor, inverse as Tensor, weight, dy),
    };
  };
}
