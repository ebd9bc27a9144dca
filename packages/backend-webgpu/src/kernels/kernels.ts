import type { Kernels } from '@lowrank/core';
import { Tensor } from '@tensorflow/tfjs-core';
import { adamw } from './adamw.js';
import { attention } from './attention.js';
import { crossEntropy } from './cross-entropy.js';
import { dequantise } from './dequantise.js';
import { embeddingLookup } from './embedding-lookup.js';
import { frozenLinear } from './frozen-linear.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layer-norm.js';
import { loraLinear } from './lora-linear.js';
import { rmsNorm } from './rms-norm.js';
import { rotary } from './rotary.js';
import { swiglu } from './swiglu.js';

/** lowrank's ops in WGSL. No shader can run on an empty tensor, so all decline where an argument is one. */
export const kernels: Kernels = Object.fromEntries(
  Object.entries({
    adamw,
    attention,
    crossEntropy,
    dequantise,
    embeddingLookup,
    frozenLinear,
    gelu,
    layerNorm,
    loraLinear,
    rmsNorm,
    rotary,
    swiglu,
    windowedAttention: attention,
  }).map(([op, kernel]) => [op, unlessEmpty(kernel as AnyKernel)]),
);

type AnyKernel = (args: object, ...rest: unknown[]) => unknown;

function unlessEmpty(kernel: AnyKernel): AnyKernel {
  return (args, ...rest) => {
    const empty = Object.values(args).some((value) => value instanceof Tensor && value.size === 0);
    return empty ? undefined : kernel(args, ...rest);
  };
}
