import {
  add,
  concat,
  conv2d,
  conv2dTranspose,
  matMul,
  pad,
  reshape,
  reverse,
  split,
  transpose,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { isPointwise, type ConvGeometry } from './conv-geometry.js';
import { requireConv } from './conv-shape.js';
import { customOp } from './custom-op.js';
import { onPlane } from './plane.js';
import { requireShape } from './require-shape.js';
import { rowsOf } from './rows.js';

/**
 * A convolution whose kernel and bias are frozen: the backward pass computes the input's gradient and no kernel's, and
 * nothing is kept for it but the kernel, which outlives the step anyway.
 *
 * @param x `[batch, ...space, in]`, of one axis of space or two
 * @param weight `[...kernel, in / groups, out]`
 * @param bias `[out]`
 * @returns `[batch, ...space, out]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 */
export function frozenConv(x: Tensor, weight: Tensor, bias: Tensor1D | undefined, geometry: ConvGeometry): Tensor {
  requireConv('frozenConv', x, weight, geometry);
  requireShape('frozenConv', 'bias', bias, [weight.shape.at(-1) as number]);
  return customOp([x], ([x]) => {
    const { shape } = x;
    const product = isPointwise(geometry, weight.shape) ? pointwise(x, weight) : spread(x, weight, geometry);
    return {
      value: bias ? add(product, bias) : product,
      gradient: (dy) => [
        isPointwise(geometry, weight.shape) ? pointwise(dy, weight, true) : spreadBack(dy, weight, geometry, shape),
      ],
    };
  });
}

/** One product of matrices; with `back` that of the gradient. */
function pointwise(x: Tensor, weight: Tensor, back = false): Tensor {
  const [from, to] = weight.shape.slice(-2) as [number, number];
  const rows = reshape(x, [rowsOf(x.shape), back ? to : from]);
  return reshape(matMul(rows, reshape(weight, [from, to]), false, back), [...x.shape.slice(0, -1), back ? from : to]);
}

function spread(x: Tensor, weight: Tensor, { strides, padding, dilations, groups }: ConvGeometry): Tensor {
  const kernels = split<Tensor4D>(onPlane.kernel(weight), groups, 3);
  const steps = [onPlane.sides(strides), padding, 'NHWC', onPlane.sides(dilations)] as const;
  const parts = split<Tensor4D>(onPlane.input(x), groups, 3).map((part, group) =>
    conv2d(part, kernels[group] as Tensor4D, ...steps),
  );
  return offPlane(concat(parts, 3), x.shape.length);
}

function spreadBack(dy: Tensor, weight: Tensor, geometry: ConvGeometry, shape: number[]): Tensor {
  const { groups } = geometry;
  const kernels = split<Tensor4D>(onPlane.kernel(weight), groups, 3);
  const space = shape.length === 3 ? [1, shape[1] as number] : shape.slice(1, 3);
  const back = geometry.dilations.some((dilation) => dilation > 1) ? dilatedBack : plainBack;
  const parts = split<Tensor4D>(onPlane.input(dy), groups, 3).map((part, group) =>
    back(part, kernels[group] as Tensor4D, geometry, space as [number, number]),
  );
  return reshape(concat(parts, 3), shape);
}

function plainBack(dy: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry, space: [number, number]): Tensor4D {
  const { strides, padding } = geometry;
  return conv2dTranspose(dy, kernel, [dy.shape[0], ...space, kernel.shape[2]], onPlane.sides(strides), padding);
}

/** tfjs has no gradient with dilations: without strides it is the convolution of `dy` with the kernel turned about. */
function dilatedBack(dy: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry, space: [number, number]): Tensor4D {
  const dilations = onPlane.sides(geometry.dilations);
  const around = space.map((side, axis): [number, number] => {
    const reach = ((kernel.shape[axis] as number) - 1) * (dilations[axis] as number);
    const before = geometry.padding === 'same' ? reach - Math.floor(reach / 2) : reach;
    return [before, side + reach - (dy.shape[axis + 1] as number) - before];
  });
  const turned = transpose(reverse(kernel, [0, 1]), [0, 1, 3, 2]) as Tensor4D;
  return conv2d(pad(dy, [[0, 0], ...around, [0, 0]]), turned, 1, 'valid', 'NHWC', dilations);
}

function offPlane(y: Tensor, axes: number): Tensor {
  return axes === 3 ? reshape(y, [y.shape[0] as number, ...y.shape.slice(2)]) : y;
}
