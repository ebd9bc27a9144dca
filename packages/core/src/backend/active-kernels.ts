import { getBackend } from '@tensorflow/tfjs-core';
import type { Backend } from './backend.js';
import type { Kernels } from './kernels.js';

const byBackend = new Map<string, Kernels>();

/** Makes a backend's own kernels the ones that ops find while it is active. */
export function installKernels({ name, kernels }: Backend): void {
  byBackend.set(name, kernels ?? {});
}

/** The active backend's own kernel for an op, or undefined where it has none. */
export function kernelOf<Op extends keyof Kernels>(op: Op): Kernels[Op] | undefined {
  return byBackend.get(getBackend())?.[op];
}
