import { util, type KernelConfig, type SoftmaxAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, type WasmBackend } from '../heap.js';
import { engineOf } from '../native/engine.js';
import { runRows } from '../native/rows.js';

/** `Softmax` over the last axis of a float32 tensor of any shape, on our own engine; `stock` answers for the rest. */
export function softmax(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const backend = call.backend as WasmBackend;
      const { logits } = call.inputs as { logits: TensorInfo };
      const { dim } = call.attrs as unknown as SoftmaxAttrs;
      const { shape, dtype } = logits;
      if (dtype !== 'float32' || (dim !== -1 && dim !== shape.length - 1)) return stock.kernelFunc(call);
      const out = backend.makeOutput(shape, 'float32');
      const columns = shape.at(-1) ?? 1;
      const rows = util.sizeFromShape(shape) / (columns || 1);
      const addresses = { out: addressOf(backend, out), x: addressOf(backend, logits) };
      runRows(engineOf(backend), 'softmax', { ...addresses, rows, columns });
      return out;
    },
  };
}
