import { getKernel, registerKernel, unregisterKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { add } from './add.js';
import { batchMatMul } from './batch-mat-mul.js';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.js';
import { conv2dBackpropInput } from './conv2d-backprop-input.js';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise-backprop.js';
import { exp } from './exp.js';
import { identity } from './identity.js';
import { softmax } from './softmax.js';
import { unsortedSegmentSum } from './unsorted-segment-sum.js';

/** What tfjs-backend-wasm has no kernel for. */
const missing = [conv2dBackpropFilter, depthwiseBackpropFilter, depthwiseBackpropInput, unsortedSegmentSum];

let installed = false;

/** Puts our kernels in tfjs's registry for the backend named 'wasm'; once, however often it is called. */
export function installKernels(): void {
  if (installed) return;
  replace('BatchMatMul', batchMatMul);
  replace('Add', add);
  replace('Conv2DBackpropInput', conv2dBackpropInput);
  replace('Exp', exp);
  replace('Identity', identity);
  replace('Softmax', softmax);
  for (const kernel of missing) {
    if (!getKernel(kernel.kernelName, 'wasm')) registerKernel(kernel);
  }
  installed = true;
}

function replace(name: string, ours: (stock: KernelConfig) => KernelConfig): void {
  const stock = getKernel(name, 'wasm');
  unregisterKernel(name, 'wasm');
  registerKernel(ours(stock));
}
