import type { Kernel, RmsNormArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../xla/compiled.js';
import type { Formula, Value } from '../xla/formula.js';
import { program } from '../xla/program.js';

export const rmsNormPrograms = {
  rmsNorm: program(['x', 'weight', 'epsilon'], (f, { x, weight, epsilon }) => {
    return [f.mul(f.mul(x, inverseOf(f, x, epsilon)), weight)];
  }),

  rmsNormGrad: program(['x', 'weight', 'epsilon', 'dy'], (f, { x, weight, epsilon, dy }) => {
    const inverse = inverseOf(f, x, epsilon);
    const g = f.mul(dy, weight);
    const along = f.mul(f.mean(f.mul(g, x)), f.square(inverse));
    return [f.mul(f.sub(g, f.mul(x, along)), inverse)];
  }),
};

function inverseOf(f: Formula, x: Value, epsilon: Value): Value {
  return f.rsqrt(f.add(f.mean(f.square(x)), epsilon));
}

export function rmsNorm(run: Record<keyof typeof rmsNormPrograms, Run>): Kernel<RmsNormArgs> {
  return ({ x, weight, epsilon }, save) => {
    save([x]);
    return {
      value: run.rmsNorm(x, weight, epsilon)[0] as Tensor,
      gradient: (dy, [x]) => run.rmsNormGrad(x as Tensor, weight, epsilon, dy),
    };
  };
}
