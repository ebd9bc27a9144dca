import type { Kernels } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { rowLanes, rowSum } from '../shader/row-reductions.js';
import { run } from '../shader/run.js';
import { wgsl, type Shader } from '../shader/shader.js';

/** `y = x · r · weight` with `r = 1 / sqrt(mean(x²) + epsilon)`, a workgroup a row; keeps x and r. */
export const rmsNorm: Kernels['rmsNorm'] = ({ x, weight, epsilon }, save) => {
  const [rows, hidden] = x.shape;
  const [y, inverse] = run(forward, {
    inputs: [x, weight],
    outputs: [[rows, hidden], [rows]],
    numbers: [rows, hidden, epsilon],
    groups: rows,
  }) as [Tensor, Tensor];
  save([x, inverse]);
  return {
    value: y,
    gradient: (dy, [x, inverse]) =>
      run(backward, {
        inputs: [x as Tensor, inverse as Tensor, weight, dy],
        outputs: [[rows, hidden]],
        numbers: [rows, hidden],
        groups: rows,
      }),
  };
};

const forward: Shader = {
  name: 'rms-norm',
  inputs: { x: 'float32', weight: 'float32' },
  outputs: ['y', 'inverses'],
  sizes: ['rows', 'hidden'],
  factors: ['epsilon'],
  lanes: rowLanes,
  declarations: rowSum,
  body: wgsl`
  if (group >= n.rows) { return; }
  let row = group * n.hidden;
  var squares = 0.0;
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) { squares += x[row + i] * x[row + i]; }
  let inverse = inverseSqrt(rowSum(squares, lane) / f32(n.hidden) + n.epsilon);
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) { y[row + i] = x[row + i] * inverse * weight[i]; }
  if (lane == 0) { inverses[group] = inverse; }
`,
};

/** `dx = r · (g - x · r² · mean(g · x))` with `g = dy · weight`. */
const backward: Shader = {
  name: 'rms-norm-gradient',
  inputs: { x: 'float32', inverses: 'float32', weight: 'float32', dy: 'float32' },
  outputs: ['dx'],
  sizes: ['rows', 'hidden'],
  lanes: rowLanes,
  declarations: rowSum,
  body: wgsl`
  if (group >= n.rows) { return; }
  let row = group * n.hidden;
  var products = 0.0;
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) { products += dy[row + i] * weight[i] * x[row + i]; }
  let inverse = inverses[group];
  let along = rowSum(products, lane) / f32(n.hidden) * inverse * inverse;
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) {
    dx[row + i] = inverse * (dy[row + i] * weight[i] - x[row + i] * along);
  }
`,
};
