import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  backend_util,
  getKernel,
  registerKernel,
  unregisterKernel,
  util,
  type GatherV2Attrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { groupsOver } from '../shader/run.js';
import { wgsl } from '../shader/shader.js';

type Program = Parameters<WebGPUBackend['runWebGPUProgram']>[0];

let installed = false;

/**
 * Puts a `GatherV2` in tfjs's registry that copies the bits of integers. tfjs's own sends them through float32, which
 * spoils those beyond 2²⁴, such as the words of a packed weight. Floats still go to tfjs's.
 */
export function installGatherIntegers(): void {
  if (installed) return;
  const stock = getKernel('GatherV2', 'webgpu');
  unregisterKernel('GatherV2', 'webgpu');
  registerKernel(gatherIntegers(stock));
  installed = true;
}

function gatherIntegers(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const { x, indices } = call.inputs as { x: TensorInfo; indices: TensorInfo };
      if (x.dtype !== 'int32' || util.sizeFromShape(indices.shape) === 0) return stock.kernelFunc(call);
      const { axis, batchDims } = call.attrs as unknown as GatherV2Attrs;
      const { collectGatherOpShapeInfo } = backend_util.segment_util;
      const [along] = util.parseAxisParam(axis, x.shape) as [number];
      // Typed for tensors; it reads their shapes alone.
      const read = collectGatherOpShapeInfo as (...of: [TensorInfo, TensorInfo, number, number]) => Sizes;
      const { batchSize, outerSize, dimSize, sliceSize, outputShape } = read(x, indices, along, batchDims);
      const sizes = [outerSize, dimSize, sliceSize, util.sizeFromShape(indices.shape) / batchSize];
      const uniforms = sizes.map((size) => ({ type: 'int32', data: [size] }));
      return (call.backend as WebGPUBackend).runWebGPUProgram(program(outputShape), [x, indices], 'int32', uniforms);
    },
  };
}

interface Sizes {
  batchSize: number;
  outerSize: number;
  dimSize: number;
  sliceSize: number;
  outputShape: number[];
}

/** An index outside gives 0, as in tfjs's own. */
function program(outputShape: number[]): Program {
  const lanes = 64;
  return {
    shaderKey: 'lowrank-gather-integers',
    variableNames: ['x', 'indices'],
    outputShape,
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: [groupsOver(util.sizeFromShape(outputShape), lanes), 1, 1],
    workgroupSize: [lanes, 1, 1],
    size: true,
    uniforms: 'outerSize: i32, dimSize: i32, sliceSize: i32, perBatch: i32,',
    getUserCode: () => wgsl`
fn main(index: i32) {
  if (index >= uniforms.size) { return; }
  let row = index / uniforms.sliceSize;
  let outer = row / uniforms.perBatch;
  let wanted = indices[outer / uniforms.outerSize * uniforms.perBatch + row % uniforms.perBatch];
  var value = 0;
  if (wanted >= 0 && wanted < uniforms.dimSize) {
    value = x[(outer * uniforms.dimSize + wanted) * uniforms.sliceSize + index % uniforms.sliceSize];
  }
  result[index] = value;
}
`,
  };
}
