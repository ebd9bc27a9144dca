import { type Conv2DBackpropFilterAttrs, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, floatsOf, type WasmBackend } from '../heap.js';
import { engineOf } from '../native/engine.js';
import { multiply } from '../native/products.js';
import { columnsOf, gather, isPointwise, placesOf } from './conv-columns.js';
import { convInfo } from './conv-info.js';
import { inColumns } from './in-columns.js';

/**
 * `Conv2DBackpropFilter`, which tfjs-backend-wasm lacks: the gradient `[height, width, in, out]` of a convolution's
 * kernel, `columns(x)ᵀ dy` with x brought into columns, in parts that fit into a few megabytes.
 */
export const conv2dBackpropFilter: KernelConfig = {
  kernelName: 'Conv2DBackpropFilter',
  backendName: 'wasm',
  kernelFunc(call) {
    const backend = call.backend as WasmBackend;
    const { x, dy } = call.inputs as { x: TensorInfo; dy: TensorInfo };
    const attrs = call.attrs as unknown as Conv2DBackpropFilterAttrs;
    const info = convInfo('Conv2DBackpropFilter', x.shape, attrs.filterShape, attrs);
    const out = backend.makeOutput(attrs.filterShape, 'float32');
    const [columns, channels] = [columnsOf(info), info.outChannels];
    if (placesOf(info) * columns * channels === 0) {
      floatsOf(backend, out).fill(0);
      return out;
    }
    const engine = engineOf(backend);
    const products = (a: number, first: number, rows: number) =>
      multiply(engine, {
        a: { address: a, row: 1, column: columns, batch: 0 },
        b: { address: addressOf(backend, dy, first * channels), row: channels, column: 1, batch: 0 },
        c: { address: addressOf(backend, out), row: channels, column: 1, batch: 0 },
        rows: columns,
        inner: rows,
        columns: channels,
        accumulate: first > 0,
      });
    if (isPointwise(info)) {
      products(addressOf(backend, x), 0, placesOf(info));
      return out;
    }
    inColumns(backend, info, ({ address, values }, places) => {
      gather(floatsOf(backend, x), values(), info, places);
      products(address, places.first, places.count);
    });
    return out;
  },
};
