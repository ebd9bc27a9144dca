import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { batchMatMul } from './batch-mat-mul.js';
import { unsortedSegmentSum } from './unsorted-segment-sum.js';

let installed = false;

/** Puts our kernels in tfjs's registry for the backend named 'wasm'; once, however often it is called. */
export function installKernels(): void {
  if (installed) return;
  const stock = getKernel('BatchMatMul', 'wasm');
  unregisterKernel('BatchMatMul', 'wasm');
  registerKernel(batchMatMul(stock));
  if (!getKernel('UnsortedSegmentSum', 'wasm')) registerKernel(unsortedSegmentSum);
  installed = true;
}
