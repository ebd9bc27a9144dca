import type { Kernels } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { rowLanes, rowSum } from '../shader/row-reductions.js';
import { run } from '../shader/run.js';
import { wgsl, type Shader } from '../shader/shader.js';

/** `y = (x - mean(x)) · r · weight + bias` with `r = 1 / sqrt(variance(x) + epsilon)`, a workgroup a row. */
export const layerNorm: Kernels['layerNorm'] = ({ x, weight, bias, epsilon }, save) => {
  const [rows, hidden] = x.shape;
  const [y, means, inverses] = run(forward, {
    inputs: [x, weight, bias],
    outputs: [[rows, hidden], [rows], [rows]],
    numbers: [rows, hidden, epsilon],
    groups: rows,
  }) as [Tensor, Tensor, Tensor];
  save([x, means, inverses]);
  return {
    value: y,
    gradient: (dy, saved) =>
      run(backward, {
        inputs: [...saved, weight, dy],
        outputs: [[rows, hidden]],
        numbers: [rows, hidden],
        groups: rows,
      }),
  };
};

const forward: Shader = {
  name: 'layer-norm',
  inputs: { x: 'float32', weight: 'float32', bias: 'float32' },
  outputs: ['y', 'means', 'inverses'],
  sizes: ['rows', 'hidden'],
  factors: ['epsilon'],
  lanes: rowLanes,
  declarations: rowSum,
  body: wgsl`
  if (group >= n.rows) { return; }
  let row = group * n.hidden;
  var values = 0.0;
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) { values += x[row + i]; }
  let mean = rowSum(values, lane) / f32(n.hidden);
  var squares = 0.0;
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) {
    let apart = x[row + i] - mean;
    squares += apart * apart;
  }
  let inverse = inverseSqrt(rowSum(squares, lane) / f32(n.hidden) + n.epsilon);
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) {
    y[row + i] = (x[row + i] - mean) * inverse * weight[i] + bias[i];
  }
  if (lane == 0) {
    means[group] = mean;
    inverses[group] = inverse;
  }
`,
};

/** `dx = r · (g - mean(g) - z · mean(g · z))` with `g = dy · weight` and `z = (x - mean) · r`. */
const backward: Shader = {
  name: 'layer-norm-gradient',
  inputs: { x: 'float32', means: 'float32', inverses: 'float32', weight: 'float32', dy: 'float32' },
  outputs: ['dx'],
  sizes: ['rows', 'hidden'],
  lanes: rowLanes,
  declarations: rowSum,
  body: wgsl`
  if (group >= n.rows) { return; }
  let row = group * n.hidden;
  let mean = means[group];
  let inverse = inverses[group];
  var sums = 0.0;
  var products = 0.0;
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) {
    let g = dy[row + i] * weight[i];
    sums += g;
    products += g * (x[row + i] - mean) * inverse;
  }
  let level = rowSum(sums, lane) / f32(n.hidden);
  let along = rowSum(products, lane) / f32(n.hidden);
  for (var i = lane; i < n.hidden; i += ${rowLanes}u) {
    let z = (x[row + i] - mean) * inverse;
    dx[row + i] = inverse * (dy[row + i] * weight[i] - level - z * along);
  }
`,
};
