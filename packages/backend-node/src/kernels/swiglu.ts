import type { Kernel, SwigluArgs } from '@lowrank/core';
import { mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';

export const swigluPrograms = {
  /** Value, and its slopes in gate and up; `silu'(g) = s + silu(g) (1 - s)` with `s = sigmoid(g)`. */
  swiglu: program(['gate', 'up'], (f, { gate, up }) => {
    const s = f.sigmoid(gate);
    const silu = f.mul(gate, s);
    const slope = f.add(s, f.mul(silu, f.sub(1, s)));
    return [f.mul(silu, up), f.mul(slope, up), silu];
  }),
};

/** Makes the slopes on the way, and keeps them instead of gate and up. */
export function swiglu(run: Record<keyof typeof swigluPrograms, Run>): Kernel<SwigluArgs> {
  return ({ gate, up }, save) => {
    const [value, ...slopes] = run.swiglu(gate, up) as [Tensor, Tensor, Tensor];
    save(slopes);
    return { value, gradient: (dy, slopes) => slopes.map((slope) => mul(dy, slope)) };
  };
}
