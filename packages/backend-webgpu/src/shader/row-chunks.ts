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
 * Cuts the rows of a `[rows, columns]` matrix into runs of which each fits into one binding of the device and begins
 * where a binding may. One run, mostly. Throws `out-of-memory` where even one row's share does not fit.
 */
export function rowChunks({ device }: Gpu, rows: number, columns: number): RowChunk[] {
  const most = Math.floor(device.limits.maxStorageBufferBindingSize / 4 / Math.max(1, columns));
  if (rows <= most) return [{ from: 0, length: rows }];
  const unit = alignment / commonDivisor(alignment, columns);
  const step = Math.floor(most / unit) * unit;
  if (step === 0) {
    throw new LowrankError('out-of-memory', {
      given: `${unit} rows of ${columns} values`,
      rule: `this device binds ${device.limits.maxStorageBufferBindingSize} bytes at most (maxStorageBufferBindingSize)`,
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
