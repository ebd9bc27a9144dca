import { Tensor } from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';

/** Throws `dtype-unsupported` for a tensor of another dtype; what is no tensor has none. */
export function requireDtype(op: string, name: string, value: unknown, dtype: 'float32' | 'int32'): void {
  if (!(value instanceof Tensor) || value.dtype === dtype) return;
  throw new LowrankError('dtype-unsupported', {
    given: `${op}: ${name} of dtype ${value.dtype}`,
    rule: `it must be ${dtype}`,
    fix: `cast it first: tf.cast(${name}, '${dtype}')`,
  });
}
