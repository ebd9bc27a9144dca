import { util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from '../heap.js';
import { runElements } from '../native/elements.js';
import { engineOf } from '../native/engine.js';

/** `Add` of two float32 tensors of one shape, on our own engine; `stock` answers for the rest. */
export function add(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const backend = call.backend as WasmBackend;
      const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || !util.arraysEqual(a.shape, b.shape)) {
        return stock.kernelFunc(call);
      }
      const out = backend.makeOutput(a.shape, 'float32');
      runElements(engineOf(backend), 'add', util.sizeFromShape(a.shape), {
        out: addressOf(backend, out),
        x: addressOf(backend, a),
        y: addressOf(backend, b),
      });
      return out;
    },
  };
}
