import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../heap.js';

/** `Identity` that shares the values, as `Reshape` does; tfjs's own copies them each time. `stock` answers for strings. */
export function identity(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const { x } = call.inputs as { x: TensorInfo };
      if (x.dtype === 'string') return stock.kernelFunc(call);
      (call.backend as WasmBackend).incRef(x.dataId);
      return { ...x };
    },
  };
}
