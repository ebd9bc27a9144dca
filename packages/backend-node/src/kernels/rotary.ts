import type { Kernel, RotaryArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../xla/compiled.js';
import type { Formula, Value } from '../xla/formula.js';
import { program } from '../xla/program.js';

type Inputs = Record<'x' | 'cos' | 'sin', Value>;

export const rotaryPrograms = {
  rotary: program(['x', 'cos', 'sin'], (f, inputs: Inputs) => [turned(f, inputs)]),

  rotaryGrad: program(['x', 'cos', 'sin'], (f, { x, cos, sin }: Inputs) => [turned(f, { x, cos, sin: f.neg(sin) })]),
};

function turned(f: Formula, { x, cos, sin }: Inputs): Value {
  const [x1, x2] = f.halves(x);
  return f.joined([f.sub(f.mul(x1, cos), f.mul(x2, sin)), f.add(f.mul(x2, cos), f.mul(x1, sin))]);
}

export function rotary(run: Record<keyof typeof rotaryPrograms, Run>): Kernel<RotaryArgs> {
  return ({ x, cos, sin }, save) => {
    save([cos, sin]);
    return {
      value: run.rotary(x, cos, sin)[0] as Tensor,
      gradient: (dy, [cos, sin]) => run.rotaryGrad(dy, cos as Tensor, sin as Tensor),
    };
  };
}
