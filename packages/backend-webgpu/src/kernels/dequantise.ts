import type { BlockFormat, Kernels } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { packedValue } from '../shader/packed-value.js';
import { groupsOver, run } from '../shader/run.js';
import { defaultLanes, wgsl, type Shader } from '../shader/shader.js';

/** The values of a packed weight as they lie, `[out, in]`, one a lane. */
export const dequantise: Kernels['dequantise'] = ({ format, packed, scales, block, shape: [features, out] }) => {
  const [values] = run(shaderFor(format, block), {
    inputs: [packed, scales],
    outputs: [[out, features]],
    numbers: [out * features, features, packed.shape[1], scales.shape[1]],
    groups: groupsOver(out * features, defaultLanes),
  });
  return values as Tensor2D;
};

function shaderFor(format: BlockFormat, block: number): Shader {
  return {
    name: `dequantise-${format}-${block}`,
    inputs: { packed: 'int32', scales: 'float32' },
    outputs: ['values'],
    sizes: ['count', 'features', 'words', 'blocks'],
    declarations: packedValue(format, block),
    body: wgsl`
  let i = group * ${defaultLanes}u + lane;
  if (i < n.count) { values[i] = packedValue(i / n.features, i % n.features); }
`,
  };
}
