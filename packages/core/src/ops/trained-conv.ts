import {
  Conv2DBackpropFilter,
  conv2d,
  conv2dTranspose,
  engine,
  matMul,
  reshape,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { isPointwise, type ConvGeometry } from './conv-geometry.js';
import { requireConv } from './conv-shape.js';
import { customOp } from './custom-op.js';
import { onPlane } from './plane.js';
import { rowsOf } from './rows.js';

/**
 * A convolution whose kernel is trained, as an adapter's A is: without groups or dilations.
 *
 * @param x `[batch, ...space, in]`
 * @param kernel `[...kernel, in, out]`
 * @returns `[batch, ...space, out]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 */
export function trainedConv(
  x: Tensor,
  kernel: Tensor,
  { strides, padding }: Pick<ConvGeometry, 'strides' | 'padding'>,
): Tensor {
  const geometry = { strides, padding, dilations: strides.map(() => 1), groups: 1 };
  requireConv('trainedConv', x, kernel, geometry);
  return customOp([x, kernel], ([x, kernel], save) => {
    save([x, kernel]);
    return (isPointwise(geometry, kernel.shape) ? pointwise : spread)(x, kernel, geometry);
  });
}

function pointwise(x: Tensor, kernel: Tensor) {
  const [from, to] = kernel.shape.slice(-2) as [number, number];
  const rows = (given: Tensor, side: number) => reshape(given, [rowsOf(given.shape), side]);
  const product = matMul(rows(x, from), reshape(kernel, [from, to]));
  return {
    value: reshape(product, [...x.shape.slice(0, -1), to]),
    gradient: (dy: Tensor, saved: Tensor[]) => {
      const [x, kernel] = saved as [Tensor, Tensor];
      const dx = matMul(rows(dy, to), reshape(kernel, [from, to]), false, true);
      return [reshape(dx, x.shape), reshape(matMul(rows(x, from), rows(dy, to), true), kernel.shape)];
    },
  };
}

function spread(x: Tensor, kernel: Tensor, { padding, ...geometry }: ConvGeometry) {
  const strides = onPlane.sides(geometry.strides);
  const y = conv2d(onPlane.input(x), onPlane.kernel(kernel), strides, padding);
  return {
    value: x.shape.length === 3 ? reshape(y, [y.shape[0], ...y.shape.slice(2)]) : y,
    gradient: (given: Tensor, saved: Tensor[]) => {
      const [dy, x, kernel] = [onPlane.input(given), onPlane.input(saved[0]!), onPlane.kernel(saved[1]!)];
      const dx = conv2dTranspose(dy, kernel, x.shape, strides, padding);
      return [reshape(dx, saved[0]!.shape), reshape(kernelGradient(x, dy, kernel.shape), saved[1]!.shape)];
    },
  };

  function kernelGradient(x: Tensor4D, dy: Tensor4D, filterShape: number[]): Tensor {
    const attrs = { strides, pad: padding, dataFormat: 'NHWC', dimRoundingMode: undefined, filterShape };
    return engine().runKernel(Conv2DBackpropFilter, { x, dy }, attrs as never) as Tensor;
  }
}
