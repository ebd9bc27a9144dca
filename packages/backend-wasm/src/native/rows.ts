import type { ElementAddresses } from './elements.js';
import type { Engine } from './engine.js';
import type { KernelName } from './kernel-numbers.js';

/** Runs a kernel of native/rows.ts on `rows` rows of `columns` float32 values. */
export function runRows(
  engine: Engine,
  kernel: KernelName,
  [rows, columns]: readonly [rows: number, columns: number],
  addresses: ElementAddresses,
): void {
  if (rows * columns === 0) return;
  const { out, x, y = 0, z = 0 } = addresses;
  const taskRows = Math.max(1, Math.floor(2 ** 13 / columns));
  engine.run(kernel, Math.ceil(rows / taskRows), [out, x, y, z, rows, columns, taskRows]);
}
