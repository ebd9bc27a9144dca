import { util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { tensorflow } from '../tensorflow.js';

/**
 * `Reshape` that shares its input's values, as tfjs's other backends do; `views.ts` makes TensorFlow's side of it
 * where an operation needs one. A training step has hundreds, most of them undone by the next op.
 */
export function reshape(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc(call) {
      const { x } = call.inputs as { x: TensorInfo };
      const { shape } = call.attrs as unknown as { shape: number[] };
      const sides = util.inferFromImplicitShape(shape, util.sizeFromShape(x.shape));
      tensorflow().incRef(x.dataId);
      return { dataId: x.dataId, shape: sides, dtype: x.dtype };
    },
  };
}
