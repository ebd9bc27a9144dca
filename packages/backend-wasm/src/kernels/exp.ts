import { util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from '../heap.js';
import { runElements } from '../native/elements.js';
import { engineOf } from '../native/engine.js';

/** `Exp` of a float32 tensor on our own engine; `stock` answers for the rest. */
export function exp(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const backend = call.backend as WasmBackend;
      const { x } = call.inputs as { x: TensorInfo };
      if (x.dtype !== 'float32') return stock.kernelFunc(call);
      const out = backend.makeOutput(x.shape, 'float32');
      const addresses = { out: addressOf(backend, out), x: addressOf(backend, x) };
      runElements(engineOf(backend), 'exponential', util.sizeFromShape(x.shape), addresses);
      return out;
    },
  };
}
