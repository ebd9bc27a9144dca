import type {
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropInputAttrs,
  KernelConfig,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { floatsOf, type WasmBackend } from '../heap.js';
import type { ConvInfo } from './conv-columns.js';
import { convInfo } from './conv-info.js';

/**
 * `DepthwiseConv2dNativeBackpropInput`, which tfjs-backend-wasm lacks: each value of `dy [batch, ..., in · multiplier]`
 * times the kernel `[height, width, in, multiplier]` that it came through is added to the input that it came from.
 */
export const depthwiseBackpropInput: KernelConfig = {
  kernelName: 'DepthwiseConv2dNativeBackpropInput',
  backendName: 'wasm',
  kernelFunc(call) {
    const backend = call.backend as WasmBackend;
    const { dy, filter } = call.inputs as { dy: TensorInfo; filter: TensorInfo };
    const attrs = call.attrs as unknown as DepthwiseConv2dNativeBackpropInputAttrs;
    const info = convInfo('DepthwiseConv2dNativeBackpropInput', attrs.inputShape, filter.shape, attrs, true);
    const out = backend.makeOutput(attrs.inputShape, 'float32');
    const dx = floatsOf(backend, out).fill(0);
    const [d, w] = [floatsOf(backend, dy), floatsOf(backend, filter)];
    const multiplier = info.outChannels / info.inChannels;
    eachMeeting(info, (within, place, kernel, channels) => {
      if (multiplier === 1) {
        for (let c = 0; c < channels; c++)
          (dx[within + c] as number) += (d[place + c] as number) * (w[kernel + c] as number);
        return;
      }
      for (let c = 0; c < channels * multiplier; c++) {
        (dx[within + Math.floor(c / multiplier)] as number) += (d[place + c] as number) * (w[kernel + c] as number);
      }
    });
    return out;
  },
};

/** `DepthwiseConv2dNativeBackpropFilter`, which tfjs-backend-wasm lacks: the same with x, added to the kernel. */
export const depthwiseBackpropFilter: KernelConfig = {
  kernelName: 'DepthwiseConv2dNativeBackpropFilter',
  backendName: 'wasm',
  kernelFunc(call) {
    const backend = call.backend as WasmBackend;
    const { x, dy } = call.inputs as { x: TensorInfo; dy: TensorInfo };
    const attrs = call.attrs as unknown as DepthwiseConv2dNativeBackpropFilterAttrs;
    const info = convInfo('DepthwiseConv2dNativeBackpropFilter', x.shape, attrs.filterShape, attrs, true);
    const out = backend.makeOutput(attrs.filterShape, 'float32');
    const dw = floatsOf(backend, out).fill(0);
    const [d, values] = [floatsOf(backend, dy), floatsOf(backend, x)];
    const multiplier = info.outChannels / info.inChannels;
    eachMeeting(info, (within, place, kernel, channels) => {
      if (multiplier === 1) {
        for (let c = 0; c < channels; c++) {
          (dw[kernel + c] as number) += (d[place + c] as number) * (values[within + c] as number);
        }
        return;
      }
      for (let c = 0; c < channels * multiplier; c++) {
        (dw[kernel + c] as number) +=
          (d[place + c] as number) * (values[within + Math.floor(c / multiplier)] as number);
      }
    });
    return out;
  },
};

/** Visits each place of the kernel at each place of the output: where the channels of input, output and kernel begin. */
function eachMeeting(info: ConvInfo, visit: (x: number, dy: number, kernel: number, channels: number) => void): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  for (let line = 0; line < batchSize * outHeight; line++) {
    const [image, row] = [Math.floor(line / outHeight), line % outHeight];
    for (let i = 0; i < filterHeight; i++) {
      const y = row * strideHeight + i * dilationHeight - padInfo.top;
      if (y < 0 || y >= inHeight) continue;
      for (let j = 0; j < filterWidth; j++) {
        const kernel = (i * filterWidth + j) * outChannels;
        for (let column = 0; column < outWidth; column++) {
          const z = column * strideWidth + j * dilationWidth - padInfo.left;
          if (z < 0 || z >= inWidth) continue;
          const within = ((image * inHeight + y) * inWidth + z) * inChannels;
          visit(within, (line * outWidth + column) * outChannels, kernel, inChannels);
        }
      }
    }
  }
}
