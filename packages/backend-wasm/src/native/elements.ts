import type { Engine } from './engine.js';
import type { KernelName } from './kernel-numbers.js';

/** Addresses of what a kernel over single values writes and reads. */
export interface ElementAddresses {
  out: number;
  x: number;
  y?: number;
  z?: number;
}

/** Values a task is, about 20 microseconds of work at the speed of memory. */
const chunk = 2 ** 14;

/** Runs a kernel of native/elements.ts on `size` float32 values. */
export function runElements(engine: Engine, kernel: KernelName, size: number, addresses: ElementAddresses): void {
  const { out, x, y = 0, z = 0 } = addresses;
  if (size > 0) engine.run(kernel, Math.ceil(size / chunk), [out, x, y, z, size, chunk]);
}
