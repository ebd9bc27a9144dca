import { gelu } from '@lowrank/core';
import { mul, relu, sigmoid, tanh, type Tensor } from '@tensorflow/tfjs-core';
import type { Activation } from './activation-names.js';

/** What each computes; keeps its input's shape. */
export const activations: Record<Activation, (x: Tensor) => Tensor> = {
  gelu: (x: Tensor) => gelu(x),
  gelu_new: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  gelu_fast: tanhGelu,
  quick_gelu: (x: Tensor) => mul(x, sigmoid(mul(x, 1.702))),
  relu: (x: Tensor) => relu(x),
  silu,
  swish: silu,
  tanh: (x: Tensor) => tanh(x),
};

function tanhGelu(x: Tensor): Tensor {
  return gelu(x, { approximate: 'tanh' });
}

function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}
