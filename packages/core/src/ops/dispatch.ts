import { Tensor } from '@tensorflow/tfjs-core';
import { kernelOf } from '../backend/active-kernels.js';
import type { Kernel, Kernels } from '../backend/kernels.js';
import { LowrankError } from '../errors/lowrank-error.js';
import type { OpResult } from './custom-op.js';

/** The ops that have a gradient. */
export type Differentiable = {
  [Op in keyof Kernels]-?: NonNullable<Kernels[Op]> extends Kernel<infer _> ? Op : never;
}[keyof Kernels];

export type ArgsOf<Op extends Differentiable> = Parameters<NonNullable<Kernels[Op]>>[0];

/** An op composed from tfjs's own, which every backend has: the meaning of the op, and the kernel of last resort. */
export type Composed<Op extends Differentiable> = (args: ArgsOf<Op>, save: (kept: Tensor[]) => void) => OpResult;

/**
 * Computes an op by the active backend's own kernel, or composed where it has none or its kernel declines.
 *
 * @throws `dtype-unsupported` for a tensor that is not float32
 */
export function dispatch<Op extends Differentiable>(
  op: Op,
  composed: Composed<Op>,
  args: ArgsOf<Op>,
  save: (kept: Tensor[]) => void,
): OpResult {
  requireFloats(op, args);
  const kernel = kernelOf(op) as Kernel<ArgsOf<Op>> | undefined;
  return kernel?.(args, save) ?? composed(args, save);
}

function requireFloats(op: string, args: object): void {
  for (const [name, value] of Object.entries(args)) {
    if (!(value instanceof Tensor) || value.dtype === 'float32') continue;
    throw new LowrankError('dtype-unsupported', {
      given: `${op}: ${name} of dtype ${value.dtype}`,
      rule: 'it computes in float32',
      fix: `cast it first: tf.cast(${name}, 'float32')`,
    });
  }
}
