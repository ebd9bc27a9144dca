import { add, gather, matMul, mul, reshape, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import type { FrozenModule } from '../host/frozen-module.js';
import { frozenLinear } from '../ops/frozen-linear.js';
import { layerNorm } from '../ops/layer-norm.js';
import { rmsNorm } from '../ops/rms-norm.js';
import { rowsOf } from '../ops/rows.js';

/** What is trained in place of a base's own tensors, and what its forward pass needs beside. */
interface Trained {
  weight: Tensor | undefined;
  bias: Tensor | undefined;
  /** For a norm, `[hidden]` each; they outlive the step, for its gradient reads them. */
  ones: Tensor1D | undefined;
  zeros: Tensor1D | undefined;
}

/** A base's forward pass with the tensors that are trained, differentiable in them, in a `tidy` of the caller. */
export type TrainedForward = (input: Tensor, base: FrozenModule, trained: Trained) => Tensor;

/** By the kind of the base. A norm is the frozen one of weight 1, times the weight that is trained. */
export const trainedForward: Record<'linear' | 'embedding' | 'norm' | 'layer-norm', TrainedForward> = {
  linear(input, base, { weight, bias }) {
    if (!weight) return plus(frozenLinear(input, base.weight as FrozenWeight), bias);
    const [features, out] = weight.shape as [number, number];
    const product = matMul(reshape(input, [rowsOf(input.shape), features]) as Tensor2D, weight as Tensor2D);
    return plus(reshape(product, [...input.shape.slice(0, -1), out]), bias);
  },
  embedding(input, base, { weight }) {
    return weight ? gather(weight, input) : base.forward(input);
  },
  norm(input, base, { weight, ones }) {
    return weight ? mul(rmsNorm(input, ones as Tensor1D, base.epsilon as number), weight) : base.forward(input);
  },
  'layer-norm'(input, base, { weight, bias, ones, zeros }) {
    const frozen = (weight ? ones : base.weight) as Tensor1D;
    const normal = layerNorm(input, frozen, zeros as Tensor1D, base.epsilon as number);
    return plus(weight ? mul(normal, weight) : normal, bias);
  },
};

function plus(sum: Tensor, bias: Tensor | undefined): Tensor {
  return bias ? add(sum, bias) : sum;
}
