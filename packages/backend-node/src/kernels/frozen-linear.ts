import { BlockWeight, dequantise, type FrozenLinearArgs, type Kernel } from '@lowrank/core';
import { matMul, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';

export const frozenLinearPrograms = { linear: forward(false), linearTransposed: forward(true) };

function forward(transposed: boolean) {
  return program(['x', 'weight', 'bias'], (f, { x, weight, bias }) => {
    return [f.add(f.batchMatMul(x, weight, false, transposed), bias)];
  });
}

/**
 * Adds the bias in place; without one there is nothing to gain, and it declines. TensorFlow's `_FusedMatMul` would
 * save a pass more, but with oneDNN it ends the process where there is no memory for its result.
 */
export function frozenLinear(run: Record<keyof typeof frozenLinearPrograms, Run>): Kernel<FrozenLinearArgs> {
  return ({ x, weight, bias, transposed }) => {
    if (!bias) return undefined;
    const dense = () => (weight instanceof BlockWeight ? dequantise(weight) : weight);
    const byOutputs = transposed || weight instanceof BlockWeight;
    return {
      value: run[byOutputs ? 'linearTransposed' : 'linear'](x, dense(), bias)[0] as Tensor,
      gradient: (dy) => [matMul(dy as Tensor2D, dense(), false, !byOutputs)],
    };
  };
}
