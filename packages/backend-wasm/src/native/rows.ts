import type { Addresses } from './elements.js';
import type { Engine } from './engine.js';
import { floatBits } from './float-bits.js';
import type { KernelName } from './kernel-numbers.js';

export interface Rows extends Addresses {
  rows: number;
  columns: number;
  /** What the kernel makes of them; see there. */
  factor?: number;
  flag?: number;
  /** Words that the kernel finds after these. */
  more?: readonly number[];
}

/** Runs a kernel of native/rows.ts on rows of float32 values. */
export function runRows(engine: Engine, kernel: KernelName, job: Rows): void {
  const { out, x, y = 0, z = 0, w = 0, rows, columns, factor = 0, flag = 0, more = [] } = job;
  if (rows * columns === 0) return;
  const taskRows = Math.max(1, Math.floor(2 ** 13 / columns));
  const args = [out, x, y, z, w, rows, columns, taskRows, floatBits(factor), flag, ...more];
  engine.run(kernel, Math.ceil(rows / taskRows), args);
}
