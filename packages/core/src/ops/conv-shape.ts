import type { Tensor } from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';
import type { ConvGeometry } from './conv-geometry.js';
import { requireDtype } from './require-dtype.js';

/** Throws `shape-mismatch` or `dtype-unsupported` unless a kernel `[...kernel, in / groups, out]` fits its input. */
export function requireConv(op: string, x: Tensor, kernel: Tensor, { strides, dilations, groups }: ConvGeometry): void {
  requireDtype(op, 'x', x, 'float32');
  requireDtype(op, 'kernel', kernel, 'float32');
  const axes = kernel.shape.length - 2;
  const [within, out] = kernel.shape.slice(-2) as [number, number];
  const fits =
    (axes === 1 || axes === 2) &&
    x.shape.length === axes + 2 &&
    x.shape.at(-1) === within * groups &&
    out % groups === 0 &&
    strides.length === axes &&
    dilations.length === axes;
  if (fits) return;
  throw new LowrankError('shape-mismatch', {
    given: `${op}: x [${x.shape.join(', ')}], a kernel [${kernel.shape.join(', ')}] and ${groups} groups`,
    rule: 'x is [batch, ...space, in], the kernel [...kernel, in / groups, out], over one axis of space or two',
    fix: 'give tensors that belong to one layer',
  });
}
