import type { Kernel, RmsNormArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { stored, type Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';
import { forward } from './forward.js';

export const rmsNormPrograms = {
  rmsNorm: program(['x', 'shapeX', 'weight', 'epsilon'], (f, inputs) => {
    const { shapeX, weight, epsilon } = inputs;
    const x = f.reshape(inputs.x, shapeX);
    const inverse = f.rsqrt(f.add(f.mean(f.square(x)), epsilon));
    const normal = f.mul(x, inverse);
    return [f.mul(normal, weight), normal, inverse];
  }),

  rmsNormGrad: program(
    ['normal', 'inverse', 'weight', 'dy', 'shapeDy'],
    (f, { normal, inverse, weight, dy, shapeDy }) => {
      const g = f.mul(f.reshape(dy, shapeDy), weight);
      return [f.mul(f.sub(g, f.mul(normal, f.mean(f.mul(g, normal)))), inverse)];
    },
  ),
};

/** Keeps what x was normalised to, and by what. */
export function rmsNorm(run: Record<keyof typeof rmsNormPrograms, Run>): Kernel<RmsNormArgs> {
  return ({ x, weight, epsilon }, save) => {
    const [value, ...kept] = forward(run.rmsNorm, stored(x), x.shape, weight, epsilon);
    save(kept);
    return {
      value,
      gradient: (dy, [normal, inverse]) => {
        return run.rmsNormGrad(normal as Tensor, inverse as Tensor, weight, stored(dy), dy.shape);
      },
    };
  };
}
