import { zeros, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';

/**
 * What comes of inputs without rows, on a backend that may have no buffer for none of them: no values, and gradients of
 * zero.
 *
 * @param shape of the value, with a side of 0
 * @returns owned by the caller.
 */
export function noRows(inputs: Tensor[], shape: number[]): Tensor {
  return customOp(inputs, (inputs) => ({
    value: zeros(shape),
    gradient: () => inputs.map((input) => zerosLike(input)),
  }));
}
