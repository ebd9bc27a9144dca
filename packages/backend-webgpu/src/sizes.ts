import { LowrankError } from '@lowrank/core';
import { util } from '@tensorflow/tfjs-core';
import type { LimitName, Limits } from './limits.js';

/** Throws `out-of-memory` for a tensor of more bytes than the device allows. */
export function requireSize(limits: Limits, shape: number[], limit: LimitName): void {
  const bytes = 4 * util.sizeFromShape(shape);
  if (bytes > limits[limit]) throw tooLarge(shape, `this device allows ${limits[limit]} bytes (${limit})`);
}

/** The error for a tensor that has no room on the device. */
export function tooLarge(shape: number[], rule: string, cause?: unknown): LowrankError {
  return new LowrankError('out-of-memory', {
    given: `a tensor of shape [${shape.join(', ')}], ${4 * util.sizeFromShape(shape)} bytes`,
    rule,
    fix: 'use a smaller batch or shorter sequences, a quantised base, or useBackend(wasm())',
    cause,
  });
}
