import type { Engine } from './engine.js';
import type { KernelName } from './kernel-numbers.js';

/** Addresses of what a kernel over single values or rows writes and reads. */
export interface Addresses {
  out: number;
  x: number;
  y?: number;
  z?: number;
  w?: number;
}

/** Values a task is, about 20 microseconds of work at the speed of memory. */
const chunk = 2 ** 14;

/** Runs a kernel of native/elements.ts on `size` float32 values. */
export function runElements(engine: Engine, kernel: KernelName, size: number, addresses: Addresses): void {
  const { out, x, y = 0, z = 0, w = 0 } = addresses;
  if (size > 0) engine.run(kernel, Math.ceil(size / chunk), [out, x, y, z, w, size, chunk]);
}
