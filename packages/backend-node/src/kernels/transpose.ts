import { util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { stored, type Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';
import { tensorflow } from '../tensorflow.js';
import { executeShaped } from '../execute-shaped.js';

export const transposePrograms = {
  transpose: program(['x', 'shapeX', 'shapeOrder'], (f, { x, shapeX, shapeOrder }) => {
    return [f.transpose(f.reshape(x, shapeX), shapeOrder)];
  }),
};

/** `Transpose` without an upload of its order of axes, nor a view of what has another shape in TensorFlow. */
export function transpose(run: Record<keyof typeof transposePrograms, Run>): (stock: KernelConfig) => KernelConfig {
  return (stock) => ({
    ...stock,
    kernelFunc(call) {
      const { x } = call.inputs as { x: TensorInfo };
      const { perm } = call.attrs as unknown as { perm: number[] };
      const backend = tensorflow();
      const { shape, dtype } = backend.tensorMap.get(x.dataId);
      if (x.dtype === 'float32' && !util.arraysEqual(shape, x.shape)) {
        return run.transpose(stored(x), x.shape, perm)[0] as TensorInfo;
      }
      const [id] = backend.getInputTensorIds([x]) as [number];
      return backend.createOutputTensor(executeShaped('Transpose', id, dtype, perm));
    },
  });
}
