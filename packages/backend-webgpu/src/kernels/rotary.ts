import type { Kernels } from '@lowrank/core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { groupsOver, run } from '../shader/run.js';
import { defaultLanes, wgsl, type Shader } from '../shader/shader.js';

/** `(x1 cos - x2 sin, x2 cos + x1 sin)`, a pair of features a lane; the gradient turns back. */
export const rotary: Kernels['rotary'] = ({ x, cos, sin }, save) => {
  const rotate = (x: Tensor, cos: Tensor2D, sin: Tensor2D, turn: number) =>
    run(shader, {
      inputs: [x, cos, sin],
      outputs: [x.shape],
      numbers: [x.size / 2, ...cos.shape, turn],
      groups: groupsOver(x.size / 2, defaultLanes),
    }) as [Tensor];
  const [y] = rotate(x, cos, sin, 1);
  save([cos, sin]);
  return { value: y, gradient: (dy, [cos, sin]) => rotate(dy, cos as Tensor2D, sin as Tensor2D, -1) };
};

const shader: Shader = {
  name: 'rotary',
  inputs: { x: 'float32', cosines: 'float32', sines: 'float32' },
  outputs: ['y'],
  sizes: ['pairs', 'seq', 'half'],
  factors: ['turn'],
  body: wgsl`
  let pair = group * ${defaultLanes}u + lane;
  if (pair < n.pairs) {
    let row = pair / n.half;
    let feature = pair % n.half;
    let angle = (row % n.seq) * n.half + feature;
    let c = cosines[angle];
    let s = sines[angle] * n.turn;
    let at = row * 2 * n.half + feature;
    let x1 = x[at];
    let x2 = x[at + n.half];
    y[at] = x1 * c - x2 * s;
    y[at + n.half] = x2 * c + x1 * s;
  }
`,
};
