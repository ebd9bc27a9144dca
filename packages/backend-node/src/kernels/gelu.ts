import type { GeluArgs, Kernel } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { stored, type Run } from '../graph/load-programs.js';
import type { Formula, Value } from '../graph/formula.js';
import { program } from '../graph/program.js';
import { forward } from './forward.js';

export const geluPrograms = {
  gelu: program(['x', 'shapeX'], (f, inputs) => {
    const x = f.reshape(inputs.x, inputs.shapeX);
    const u = f.mul(x, Math.SQRT1_2);
    const share = half(f, f.erf(u));
    // With nothing between them, TensorFlow makes one pass of these three.
    const falloff = f.exp(f.neg(f.square(u)));
    return [f.mul(x, share), f.add(share, f.mul(f.mul(u, falloff), 1 / Math.sqrt(Math.PI)))];
  }),

  geluTanh: program(['x', 'shapeX'], (f, inputs) => {
    const x = f.reshape(inputs.x, inputs.shapeX);
    const squared = f.square(x);
    const t = f.tanh(f.mul(x, f.add(f.mul(squared, root * 0.044715), root)));
    const share = half(f, t);
    const inner = f.add(f.mul(squared, 1.5 * root * 0.044715), root / 2);
    return [f.mul(x, share), f.add(share, f.mul(f.mul(x, inner), f.sub(1, f.square(t))))];
  }),

  geluGrad: program(['dy', 'slope', 'shapeX'], (f, { dy, slope, shapeX }) => [f.mul(f.reshape(dy, shapeX), slope)]),
};

const root = Math.sqrt(2 / Math.PI);

function half(f: Formula, x: Value): Value {
  return f.mul(f.add(x, 1), 0.5);
}

/** Makes the slope on the way, which shares its costly part with the value, and keeps it instead of x. */
export function gelu(run: Record<keyof typeof geluPrograms, Run>): Kernel<GeluArgs> {
  return ({ x, approximate }, save) => {
    const [value, ...slope] = forward(approximate === 'tanh' ? run.geluTanh : run.gelu, stored(x), x.shape);
    save(slope);
    return { value, gradient: (dy, [slope]) => run.geluGrad(stored(dy), slope as Tensor, x.shape) };
  };
}
