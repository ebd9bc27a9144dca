import type { Kernel, LayerNormArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../xla/compiled.js';
import type { Formula, Value } from '../xla/formula.js';
import { program } from '../xla/program.js';

export const layerNormPrograms = {
  layerNorm: program(['x', 'weight', 'bias', 'epsilon'], (f, { x, weight, bias, epsilon }) => {
    return [f.add(f.mul(normalised(f, x, epsilon).z, weight), bias)];
  }),

  layerNormGrad: program(['x', 'weight', 'epsilon', 'dy'], (f, { x, weight, epsilon, dy }) => {
    const { z, inverse } = normalised(f, x, epsilon);
    const g = f.mul(dy, weight);
    return [f.mul(f.sub(f.sub(g, f.mean(g)), f.mul(z, f.mean(f.mul(g, z)))), inverse)];
  }),
};

function normalised(f: Formula, x: Value, epsilon: Value): { z: Value; inverse: Value } {
  const apart = f.sub(x, f.mean(x));
  const inverse = f.rsqrt(f.add(f.mean(f.square(apart)), epsilon));
  return { z: f.mul(apart, inverse), inverse };
}

export function layerNorm(run: Record<keyof typeof layerNormPrograms, Run>): Kernel<LayerNormArgs> {
  return ({ x, weight, bias, epsilon }, save) => {
    save([x]);
    return {
      value: run.layerNorm(x, weight, bias, epsilon)[0] as Tensor,
      gradient: (dy, [x]) => run.layerNormGrad(x as Tensor, weight, epsilon, dy),
    };
  };
}
