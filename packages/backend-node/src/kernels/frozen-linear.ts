import { BlockWeight, dequantise, type FrozenLinearArgs, type Kernel } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { stored, type Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';

export const frozenLinearPrograms = {
  linear: product(false),
  linearTransposed: product(true),
  linearBiased: biased(false),
  linearBiasedTransposed: biased(true),
};

function product(transposed: boolean) {
  return program(['x', 'shapeX', 'weight'], (f, { x, shapeX, weight }) => {
    return [f.batchMatMul(f.reshape(x, shapeX), weight, false, transposed)];
  });
}

function biased(transposed: boolean) {
  return program(['x', 'shapeX', 'weight', 'bias'], (f, { x, shapeX, weight, bias }) => {
    return [f.add(f.batchMatMul(f.reshape(x, shapeX), weight, false, transposed), bias)];
  });
}

/**
 * Adds the bias in place. TensorFlow's `_FusedMatMul` would save a pass more, but with oneDNN it ends the process where
 * there is no memory for its result.
 */
export function frozenLinear(run: Record<keyof typeof frozenLinearPrograms, Run>): Kernel<FrozenLinearArgs> {
  return ({ x, weight, bias, transposed }) => {
    const dense = () => (weight instanceof BlockWeight ? dequantise(weight) : weight);
    const byOutputs = transposed || weight instanceof BlockWeight;
    const [way, back] = byOutputs ? (['Transposed', ''] as const) : (['', 'Transposed'] as const);
    const value = bias
      ? run[`linearBiased${way}`](stored(x), x.shape, dense(), bias)
      : run[`linear${way}`](stored(x), x.shape, dense());
    return {
      value: value[0] as Tensor,
      gradient: (dy) => run[`linear${back}`](stored(dy), dy.shape, dense()),
    };
  };
}
