import type { Kernel, SwigluArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../xla/compiled.js';
import { program } from '../xla/program.js';

export const swigluPrograms = {
  swiglu: program(['gate', 'up'], (f, { gate, up }) => [f.mul(f.mul(gate, f.sigmoid(gate)), up)]),

  swigluGrad: program(['gate', 'up', 'dy'], (f, { gate, up, dy }) => {
    const s = f.sigmoid(gate);
    const silu = f.mul(gate, s);
    const slope = f.add(s, f.sub(silu, f.mul(silu, s)));
    return [f.mul(f.mul(dy, up), slope), f.mul(dy, silu)];
  }),
};

export function swiglu(run: Record<keyof typeof swigluPrograms, Run>): Kernel<SwigluArgs> {
  return ({ gate, up }, save) => {
    save([gate, up]);
    return {
      value: run.swiglu(gate, up)[0] as Tensor,
      gradient: (dy, [gate, up]) => run.swigluGrad(gate as Tensor, up as Tensor, dy),
    };
  };
}
