import { add, gather, matMul, mul, reshape, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import type { FrozenModule } from '../host/frozen-module.js';
import { frozenConv } from '../ops/frozen-conv.js';
import { frozenLinear } from '../ops/frozen-linear.js';
import { layerNorm } from '../ops/layer-norm.js';
import { rmsNorm } from '../ops/rms-norm.js';
import { rowsOf } from '../ops/rows.js';
import { trainedConv } from '../ops/trained-conv.js';
import type { FrozenConv } from './frozen-conv.js';

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

type TrainedKind = 'linear' | 'conv1d' | 'conv2d' | 'embedding' | 'norm' | 'layer-norm';

/** By the kind of the base. A norm is the frozen one of weight 1, times the weight that is trained. */
export const trainedForward: Record<TrainedKind, TrainedForward> = {
  linear(input, base, { weight, bias }) {
    if (!weight) return plus(frozenLinear(input, base.weight as FrozenWeight), bias);
    const [features, out] = weight.shape as [number, number];
    const product = matMul(reshape(input, [rowsOf(input.shape), features]) as Tensor2D, weight as Tensor2D);
    return plus(reshape(product, [...input.shape.slice(0, -1), out]), bias);
  },
  conv1d: convolution,
  conv2d: convolution,
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

/** Its strides, padding, dilations and groups are the base's own. */
function convolution(input: Tensor, base: FrozenModule, { weight, bias }: Trained): Tensor {
  const { geometry } = base as FrozenConv;
  const product = weight
    ? trainedConv(input, weight, geometry)
    : frozenConv(input, base.weight as Tensor, undefined, geometry);
  return plus(product, bias);
}

function plus(sum: Tensor, bias: Tensor | undefined): Tensor {
  return bias ? add(sum, bias) : sum;
}
