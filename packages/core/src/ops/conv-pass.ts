import {
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
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { isPointwise, type ConvGeometry } from './conv-geometry.js';
import { onPlane } from './plane.js';
import { rowsOf } from './rows.js';

/** `x * kernel`: `x` `[batch, ...space, in]` and `kernel` `[...kernel, in / groups, out]` to `[batch, ...space, out]`. */
export function convForward(x: Tensor, kernel: Tensor, geometry: ConvGeometry): Tensor {
  return isPointwise(geometry, kernel.shape) ? pointwise(x, kernel) : spread(x, kernel, geometry);
}

/** The gradient of `x` from that of its convolution. @param shape that of `x` */
export function convInputGradient(dy: Tensor, kernel: Tensor, geometry: ConvGeometry, shape: number[]): Tensor {
  return isPointwise(geometry, kernel.shape) ? pointwise(dy, kernel, true) : spreadBack(dy, kernel, geometry, shape);
}

/** One product of matrices; with `back` that of the gradient. */
function pointwise(x: Tensor, kernel: Tensor, back = false): Tensor {
  const [from, to] = kernel.shape.slice(-2) as [number, number];
  const rows = reshape(x, [rowsOf(x.shape), back ? to : from]);
  return reshape(matMul(rows, reshape(kernel, [from, to]), false, back), [...x.shape.slice(0, -1), back ? from : to]);
}

function spread(x: Tensor, kernel: Tensor, { strides, padding, dilations, groups }: ConvGeometry): Tensor {
  const kernels = split<Tensor4D>(onPlane.kernel(kernel), groups, 3);
  const steps = [onPlane.sides(strides), padding, 'NHWC', onPlane.sides(dilations)] as const;
  const parts = split<Tensor4D>(onPlane.input(x), groups, 3).map((part, group) =>
    conv2d(part, kernels[group] as Tensor4D, ...steps),
  );
  return offPlane(concat(parts, 3), x.shape.length);
}

function spreadBack(dy: Tensor, kernel: Tensor, geometry: ConvGeometry, shape: number[]): Tensor {
  const { groups } = geometry;
  const kernels = split<Tensor4D>(onPlane.kernel(kernel), groups, 3);
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
