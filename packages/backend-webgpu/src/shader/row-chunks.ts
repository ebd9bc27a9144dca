import { LowrankError } from '@lowrank/core';
import type { Gpu } from './gpu.js';
import { alignment } from './run.js';

export interface RowChunk {
  /** Its first row. */
  from: number;
  /** How many rows. */
  length: number;
}

/**
 * Cuts rows that matrices of some widths share into runs of which each, in each matrix, fits into one binding of the
 * device and begins where a binding may. One run, mostly. Throws `out-of-memory` where no row fits.
 */
export function rowChunks({ limits }: Gpu, rows: number, ...widths: number[]): RowChunk[] {
  const bytes = limits.maxStorageBufferBindingSize;
  const most = Math.floor(bytes / 4 / Math.max(1, ...widths));
  if (rows <= most) return [{ from: 0, length: rows }];
  const unit = Math.max(...widths.map((width) => alignment / commonDivisor(alignment, width)));
  const step = Math.floor(most / unit) * unit;
  if (step === 0) {
    throw new LowrankError('out-of-memory', {
      given: `${unit} rows of ${Math.max(...widths)} values`,
      rule: `this device binds ${bytes} bytes at most (maxStorageBufferBindingSize)`,
      fix: 'use a narrower matrix, or useBackend(wasm())',
    });
  }
  return Array.from({ length: Math.ceil(rows / step) }, (_, chunk) => ({
    from: chunk * step,
    length: Math.min(step, rows - chunk * step),
  }));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
