import type { Kernel, SwigluArgs } from '@lowrank/core';
import { stored, type Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';
import { forward } from './forward.js';

export const swigluPrograms = {
  /** Value, and its slopes in gate and up; `silu'(g) = s + silu(g) (1 - s)` with `s = sigmoid(g)`. */
  swiglu: program(['gate', 'up', 'shapeGate'], (f, inputs) => {
    const [gate, up] = [f.reshape(inputs.gate, inputs.shapeGate), f.reshape(inputs.up, inputs.shapeGate)];
    const s = f.sigmoid(gate);
    const silu = f.mul(gate, s);
    const slope = f.add(s, f.mul(silu, f.sub(1, s)));
    return [f.mul(silu, up), f.mul(slope, up), silu];
  }),

  swigluGrad: program(['dy', 'inGate', 'inUp', 'shapeGate'], (f, inputs) => {
    const dy = f.reshape(inputs.dy, inputs.shapeGate);
    return [f.mul(dy, inputs.inGate), f.mul(dy, inputs.inUp)];
  }),
};

/** Makes the slopes on the way, and keeps them instead of gate and up. */
export function swiglu(run: Record<keyof typeof swigluPrograms, Run>): Kernel<SwigluArgs> {
  return ({ gate, up }, save) => {
    const [value, ...slopes] = forward(run.swiglu, stored(gate), stored(up), gate.shape);
    save(slopes);
    return { value, gradient: (dy, slopes) => run.swigluGrad(stored(dy), ...slopes, gate.shape) };
  };
}
