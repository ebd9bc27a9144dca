import { BlockWeight, dequantise, type FrozenLinearArgs, type Kernel } from '@lowrank/core';
import { matMul, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';

export const frozenLinearPrograms = {
  linear: program(['x', 'weight', 'bias'], (f, { x, weight, bias }) => [f.matMulBias(x, weight, bias, false)]),
  linearTransposed: program(['x', 'weight', 'bias'], (f, { x, weight, bias }) => [f.matMulBias(x, weight, bias, true)]),
};

/** Adds the bias inside the product; without one there is nothing to gain, and it declines. */
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
