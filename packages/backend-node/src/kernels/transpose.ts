import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { tensorflow } from '../tensorflow.js';
import { executeShaped } from '../execute-shaped.js';

/** `Transpose` without an upload of its order of axes. */
export function transpose(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const { x } = call.inputs as { x: TensorInfo };
      const { perm } = call.attrs as unknown as { perm: number[] };
      const backend = tensorflow();
      const [id] = backend.getInputTensorIds([x]) as [number];
      return backend.createOutputTensor(executeShaped('Transpose', id, backend.tensorMap.get(x.dataId).dtype, perm));
    },
  };
}
