import type { Kernel, GeluArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../xla/compiled.js';
import type { Formula, Value } from '../xla/formula.js';
import { program } from '../xla/program.js';

export const geluPrograms = {
  gelu: program(['x'], (f, { x }) => [f.mul(x, normal(f, x))]),

  geluGrad: program(['x', 'dy'], (f, { x, dy }) => {
    const density = f.mul(f.exp(f.mul(f.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [f.mul(dy, f.add(normal(f, x), f.mul(x, density)))];
  }),

  geluTanh: program(['x'], (f, { x }) => [f.mul(x, half(f, tangent(f, x)))]),

  geluTanhGrad: program(['x', 'dy'], (f, { x, dy }) => {
    const t = tangent(f, x);
    const inner = f.mul(f.add(f.mul(f.square(x), 3 * 0.044715), 1), root / 2);
    return [f.mul(dy, f.add(half(f, t), f.mul(f.mul(x, inner), f.sub(1, f.square(t)))))];
  }),
};

const root = Math.sqrt(2 / Math.PI);

function normal(f: Formula, x: Value): Value {
  return half(f, f.erf(f.mul(x, Math.SQRT1_2)));
}

function half(f: Formula, x: Value): Value {
  return f.mul(f.add(x, 1), 0.5);
}

function tangent(f: Formula, x: Value): Value {
  return f.tanh(f.mul(x, f.add(f.mul(f.square(x), root * 0.044715), root)));
}

export function gelu(run: Record<keyof typeof geluPrograms, Run>): Kernel<GeluArgs> {
  return ({ x, approximate }, save) => {
    const [forward, backward] = approximate === 'tanh' ? [run.geluTanh, run.geluTanhGrad] : [run.gelu, run.geluGrad];
    save([x]);
    return { value: forward(x)[0] as Tensor, gradient: (dy, [x]) => backward(x as Tensor, dy) };
  };
}
