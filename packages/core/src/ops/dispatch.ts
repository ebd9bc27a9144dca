import type { Tensor } from '@tensorflow/tfjs-core';
import { kernelOf } from '../backend/active-kernels.js';
import type { Kernel, Kernels } from '../backend/kernels.js';
import type { OpResult } from './custom-op.js';
import { requireDtype } from './require-dtype.js';

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
  Object.entries(args).forEach(([name, value]) => requireDtype(op, name, value, 'float32'));
  const kernel = kernelOf(op) as Kernel<ArgsOf<Op>> | undefined;
  return kernel?.(args, save) ?? composed(args, save);
}
