import type { Kernel, RotaryArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { runRows } from '../native/rows.js';
import { workplace } from '../native/tensors.js';

/** The rotation in one pass, and back in another. */
export const rotary: Kernel<RotaryArgs> = ({ x, cos, sin }, save) => {
  const { engine, make, at } = workplace();
  const [batch, heads, seq, headDim] = x.shape;
  const turn = (of: Tensor, [cos, sin]: Tensor[], factor: 1 | -1) => {
    const out = make(of.shape);
    const addresses = { out: at(out), x: at(of), y: at(cos), z: at(sin) };
    runRows(engine, 'rotary', { ...addresses, rows: batch * heads * seq, columns: headDim, factor, flag: seq });
    return out;
  };
  save([cos, sin]);
  return { value: turn(x, [cos, sin], 1), gradient: (dy, angles) => [turn(dy, angles, -1)] };
};
