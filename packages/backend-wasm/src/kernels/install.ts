import { getKernel, registerKernel, unregisterKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { add } from './add.js';
import { batchMatMul } from './batch-mat-mul.js';
import { exp } from './exp.js';
import { identity } from './identity.js';
import { softmax } from './softmax.js';
import { unsortedSegmentSum } from './unsorted-segment-sum.js';

let installed = false;

/** Puts our kernels in tfjs's registry for the backend named 'wasm'; once, however often it is called. */
export function installKernels(): void {
  if (installed) return;
  replace('BatchMatMul', batchMatMul);
  replace('Add', add);
  replace('Exp', exp);
  replace('Identity', identity);
  replace('Softmax', softmax);
  if (!getKernel('UnsortedSegmentSum', 'wasm')) registerKernel(unsortedSegmentSum);
  installed = true;
}

function replace(name: string, ours: (stock: KernelConfig) => KernelConfig): void {
  const stock = getKernel(name, 'wasm');
  unregisterKernel(name, 'wasm');
  registerKernel(ours(stock));
}
