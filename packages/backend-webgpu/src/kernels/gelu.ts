import type { GeluArgs, Kernels } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { erf } from '../shader/erf.js';
import { groupsOver, run } from '../shader/run.js';
import { defaultLanes, wgsl, type Shader } from '../shader/shader.js';

/** `x Φ(x)` and its slope, one value a lane. */
export const gelu: Kernels['gelu'] = ({ x, approximate }, save) => {
  const [forward, backward] = shaders[approximate];
  const [numbers, groups] = [[x.size], groupsOver(x.size, defaultLanes)];
  const [y] = run(forward, { inputs: [x], outputs: [x.shape], numbers, groups }) as [Tensor];
  save([x]);
  return {
    value: y,
    gradient: (dy, saved) => run(backward, { inputs: [...saved, dy], outputs: [x.shape], numbers, groups }),
  };
};

/** `phi(x)` is Φ(x), `slope(x)` the slope of x Φ(x). */
const ways = {
  none: wgsl`${erf}
fn phi(x: f32) -> f32 { return 0.5 + 0.5 * erf(x * ${Math.SQRT1_2}); }
fn slope(x: f32) -> f32 { return phi(x) + x * exp(max(-0.5 * x * x, -80.0)) * ${1 / Math.sqrt(2 * Math.PI)}; }
`,
  tanh: wgsl`
fn tangent(x: f32) -> f32 { return tanh(clamp(${Math.sqrt(2 / Math.PI)} * (x + 0.044715 * x * x * x), -15.0, 15.0)); }
fn phi(x: f32) -> f32 { return 0.5 + 0.5 * tangent(x); }
fn slope(x: f32) -> f32 {
  let t = tangent(x);
  return 0.5 + 0.5 * t + 0.5 * x * (1.0 - t * t) * ${Math.sqrt(2 / Math.PI)} * (1.0 + ${3 * 0.044715} * x * x);
}
`,
};

const shaders: Record<GeluArgs['approximate'], [forward: Shader, backward: Shader]> = {
  none: pair('none'),
  tanh: pair('tanh'),
};

function pair(way: GeluArgs['approximate']): [forward: Shader, backward: Shader] {
  const index = wgsl`let i = group * ${defaultLanes}u + lane;`;
  const forward: Shader = {
    name: `gelu-${way}`,
    inputs: { x: 'float32' },
    outputs: ['y'],
    sizes: ['values'],
    declarations: ways[way],
    body: wgsl`${index} if (i < n.values) { y[i] = x[i] * phi(x[i]); }`,
  };
  const backward: Shader = {
    name: `gelu-${way}-gradient`,
    inputs: { x: 'float32', dy: 'float32' },
    outputs: ['dx'],
    sizes: ['values'],
    declarations: ways[way],
    body: wgsl`${index} if (i < n.values) { dx[i] = dy[i] * slope(x[i]); }`,
  };
  return [forward, backward];
}
