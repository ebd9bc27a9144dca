import type { Conv2DBackpropInputAttrs, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { addressOf, floatsOf, type WasmBackend } from '../heap.js';
import { engineOf } from '../native/engine.js';
import { multiply } from '../native/products.js';
import { columnsOf, isPointwise, placesOf, scatter } from './conv-columns.js';
import { convInfo } from './conv-info.js';
import { inColumns } from './in-columns.js';

/**
 * `Conv2DBackpropInput` as products on our own engine, `dy Wᵀ` in columns that are added to where they came from; the
 * stock kernel goes through plain loops. Also what a transposed convolution is.
 *
 * @param stock tfjs's own kernel, which answers for dtypes other than float32
 */
export function conv2dBackpropInput(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const backend = call.backend as WasmBackend;
      const { dy, filter } = call.inputs as { dy: TensorInfo; filter: TensorInfo };
      if (dy.dtype !== 'float32' || filter.dtype !== 'float32') return stock.kernelFunc(call);
      const attrs = call.attrs as unknown as Conv2DBackpropInputAttrs;
      const info = convInfo('Conv2DBackpropInput', attrs.inputShape, filter.shape, attrs);
      const out = backend.makeOutput(attrs.inputShape, 'float32');
      const [columns, channels] = [columnsOf(info), info.outChannels];
      const nothing = placesOf(info) * columns * channels === 0;
      if (nothing || !isPointwise(info)) floatsOf(backend, out).fill(0);
      if (nothing) return out;

      const engine = engineOf(backend);
      const products = (c: number, first: number, rows: number) =>
        multiply(engine, {
          a: { address: addressOf(backend, dy, first * channels), row: channels, column: 1, batch: 0 },
          b: { address: addressOf(backend, filter), row: 1, column: channels, batch: 0 },
          c: { address: c, row: columns, column: 1, batch: 0 },
          rows,
          inner: channels,
          columns,
        });
      if (isPointwise(info)) {
        products(addressOf(backend, out), 0, placesOf(info));
        return out;
      }
      inColumns(backend, info, ({ address, values }, places) => {
        products(address, places.first, places.count);
        scatter(floatsOf(backend, out), values(), info, places);
      });
      return out;
    },
  };
}
