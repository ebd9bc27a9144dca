import type { Kernel, RotaryArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../graph/load-programs.js';
import type { Formula, Value } from '../graph/formula.js';
import { program } from '../graph/program.js';

export const rotaryPrograms = {
  rotary: program(['x', 'cos', 'sin'], (f, { x, cos, sin }) => [turned(f, x, cos, [f.neg(sin), sin])]),

  rotaryGrad: program(['x', 'cos', 'sin'], (f, { x, cos, sin }) => [turned(f, x, cos, [sin, f.neg(sin)])]),
};

/** `x · [cos, cos] + swapped(x) · sines`, in which the halves of the last axis change places. */
function turned(f: Formula, x: Value, cos: Value, sines: [Value, Value]): Value {
  const [first, second] = f.halves(x);
  const along = f.mul(x, f.joined([cos, cos]));
  return f.add(along, f.mul(f.joined([second, first]), f.joined(sines)));
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
