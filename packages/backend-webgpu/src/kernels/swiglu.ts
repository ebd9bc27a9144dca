import type { Kernels } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { groupsOver, run } from '../shader/run.js';
import { defaultLanes, wgsl, type Shader } from '../shader/shader.js';

/** `silu(gate) · up`, one value a lane; both gradients in one run. */
export const swiglu: Kernels['swiglu'] = ({ gate, up }, save) => {
  const { shape } = gate;
  const [numbers, groups] = [[gate.size], groupsOver(gate.size, defaultLanes)];
  const [y] = run(forward, { inputs: [gate, up], outputs: [shape], numbers, groups }) as [Tensor];
  save([gate, up]);
  return {
    value: y,
    gradient: (dy, saved) => run(backward, { inputs: [...saved, dy], outputs: [shape, shape], numbers, groups }),
  };
};

const sigmoid = wgsl`fn sigmoid(x: f32) -> f32 { return 1.0 / (1.0 + exp(min(-x, 80.0))); }`;

const forward: Shader = {
  name: 'swiglu',
  inputs: { gate: 'float32', up: 'float32' },
  outputs: ['y'],
  sizes: ['values'],
  declarations: sigmoid,
  body: wgsl`
  let i = group * ${defaultLanes}u + lane;
  if (i < n.values) { y[i] = gate[i] * sigmoid(gate[i]) * up[i]; }
`,
};

/** `silu'(g) = s + silu(g) (1 - s)` with `s = sigmoid(g)`. */
const backward: Shader = {
  name: 'swiglu-gradient',
  inputs: { gate: 'float32', up: 'float32', dy: 'float32' },
  outputs: ['dGate', 'dUp'],
  sizes: ['values'],
  declarations: sigmoid,
  body: wgsl`
  let i = group * ${defaultLanes}u + lane;
  if (i < n.values) {
    let s = sigmoid(gate[i]);
    let silu = gate[i] * s;
    dGate[i] = dy[i] * up[i] * (s + silu * (1.0 - s));
    dUp[i] = dy[i] * silu;
  }
`,
};
