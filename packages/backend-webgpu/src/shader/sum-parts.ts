import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { groupsOver, run } from './run.js';
import { defaultLanes, wgsl, type Shader } from './shader.js';

/** The sum of `[parts, rows, columns]` over its parts, always in the same order: `[rows, columns]`. */
export function sumParts(parts: Tensor, shape: [rows: number, columns: number]): Tensor2D {
  const values = shape[0] * shape[1];
  const [total] = run(shader, {
    inputs: [parts],
    outputs: [shape],
    numbers: [values, parts.shape[0] as number],
    groups: groupsOver(values, defaultLanes),
  });
  return total as Tensor2D;
}

const shader: Shader = {
  name: 'sum-parts',
  inputs: { parts: 'float32' },
  outputs: ['total'],
  sizes: ['values', 'count'],
  body: wgsl`
  let i = group * ${defaultLanes}u + lane;
  if (i < n.values) {
    var sum = 0.0;
    for (var part = 0u; part < n.count; part++) { sum += parts[part * n.values + i]; }
    total[i] = sum;
  }
`,
};
