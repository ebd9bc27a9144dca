import type { Kernel, LayerNormArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { stored, type Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';
import { forward } from './forward.js';

export const layerNormPrograms = {
  layerNorm: program(['x', 'shapeX', 'weight', 'bias', 'epsilon'], (f, inputs) => {
    const { shapeX, weight, bias, epsilon } = inputs;
    const x = f.reshape(inputs.x, shapeX);
    const centred = f.sub(x, f.mean(x));
    const inverse = f.rsqrt(f.add(f.mean(f.square(centred)), epsilon));
    const normal = f.mul(centred, inverse);
    return [f.add(f.mul(normal, weight), bias), normal, inverse];
  }),

  layerNormGrad: program(['normal', 'inverse', 'weight', 'dy', 'shapeDy'], (f, inputs) => {
    const { normal, inverse, weight, dy, shapeDy } = inputs;
    const g = f.mul(f.reshape(dy, shapeDy), weight);
    const along = f.mul(normal, f.mean(f.mul(g, normal)));
    return [f.mul(f.sub(f.sub(g, f.mean(g)), along), inverse)];
  }),
};

/** Keeps what x was normalised to, from which its gradient needs neither x nor its mean. */
export function layerNorm(run: Record<keyof typeof layerNormPrograms, Run>): Kernel<LayerNormArgs> {
  return ({ x, weight, bias, epsilon }, save) => {
    const [value, ...kept] = forward(run.layerNorm, stored(x), x.shape, weight, bias, epsilon);
    save(kept);
    return {
      value,
      gradient: (dy, [normal, inverse]) => {
        return run.layerNormGrad(normal as Tensor, inverse as Tensor, weight, stored(dy), dy.shape);
      },
    };
  };
}
