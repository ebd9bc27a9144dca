import {
  Conv2DBackpropFilter,
  concat,
  engine,
  matMul,
  pad,
  reshape,
  slice,
  split,
  stack,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { isPointwise, type ConvGeometry } from './conv-geometry.js';
import { convForward, convInputGradient } from './conv-pass.js';
import { requireConv } from './conv-shape.js';
import { customOp } from './custom-op.js';
import { onPlane } from './plane.js';
import { rowsOf } from './rows.js';

/**
 * A convolution whose kernel is trained, as an adapter's A is, or a module that is saved whole.
 *
 * @param x `[batch, ...space, in]`
 * @param kernel `[...kernel, in / groups, out]`
 * @returns `[batch, ...space, out]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 */
export function trainedConv(x: Tensor, kernel: Tensor, geometry: ConvGeometry): Tensor {
  requireConv('trainedConv', x, kernel, geometry);
  return customOp([x, kernel], ([x, kernel], save) => {
    save([x, kernel]);
    return {
      value: convForward(x, kernel, geometry),
      gradient: (dy: Tensor, saved: Tensor[]) => {
        const [x, kernel] = saved as [Tensor, Tensor];
        return [convInputGradient(dy, kernel, geometry, x.shape), kernelGradient(x, dy, kernel.shape, geometry)];
      },
    };
  });
}

function kernelGradient(x: Tensor, dy: Tensor, shape: number[], geometry: ConvGeometry): Tensor {
  const [from, to] = shape.slice(-2) as [number, number];
  if (isPointwise(geometry, shape)) {
    const rows = (given: Tensor, side: number) => reshape(given, [rowsOf(given.shape), side]);
    return reshape(matMul(rows(x, from), rows(dy, to), true), shape);
  }
  const sides = [...onPlane.sides(shape.slice(0, -2)), from, to / geometry.groups];
  const gradient = geometry.dilations.some((dilation) => dilation > 1) ? dilatedGradient : plainGradient;
  const outputs = split<Tensor4D>(onPlane.input(dy), geometry.groups, 3);
  const parts = split<Tensor4D>(onPlane.input(x), geometry.groups, 3).map((part, group) =>
    gradient(part, outputs[group] as Tensor4D, sides, geometry),
  );
  return reshape(concat(parts, 3), shape);
}

function plainGradient(x: Tensor4D, dy: Tensor4D, filterShape: number[], { strides, padding }: ConvGeometry): Tensor4D {
  const steps = { strides: onPlane.sides(strides), pad: padding, dataFormat: 'NHWC', dimRoundingMode: undefined };
  return engine().runKernel(Conv2DBackpropFilter, { x, dy }, { ...steps, filterShape } as never) as Tensor4D;
}

/** tfjs has none with dilations: each place of the kernel saw one window of `x`, as large as `dy`. */
function dilatedGradient(x: Tensor4D, dy: Tensor4D, sides: number[], { dilations, padding }: ConvGeometry): Tensor4D {
  const [high, wide, from, to] = sides as [number, number, number, number];
  const [batch, rows, columns] = dy.shape;
  const apart = onPlane.sides(dilations);
  const around = [high, wide].map((side, axis): [number, number] => {
    const reach = padding === 'same' ? (side - 1) * (apart[axis] as number) : 0;
    return [Math.floor(reach / 2), reach - Math.floor(reach / 2)];
  });
  const padded = pad(x, [[0, 0], ...around, [0, 0]] as [number, number][]);
  const outputs = reshape(dy, [batch * rows * columns, to]);
  const places = Array.from({ length: high * wide }, (_, place) => {
    const [row, column] = [Math.floor(place / wide) * apart[0], (place % wide) * apart[1]];
    const window = slice(padded, [0, row, column, 0], [batch, rows, columns, from]);
    return matMul(reshape(window, [batch * rows * columns, from]), outputs, true);
  });
  return reshape(stack(places), [high, wide, from, to]);
}
