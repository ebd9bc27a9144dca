import { BlockWeight, type Kernels } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { matMul } from '../shader/mat-mul.js';

/** `x W + bias` in one run, and `dy Wᵀ` in another; a packed W is unpacked as it is read, and stays packed. */
export const frozenLinear: Kernels['frozenLinear'] = ({ x, weight, bias, transposed }) => {
  const across = transposed && !(weight instanceof BlockWeight);
  return {
    value: matMul({ left: x, right: weight, rightAcross: across, bias }),
    gradient: (dy) => [matMul({ left: dy as Tensor2D, right: weight, rightAcross: !across })],
  };
};
