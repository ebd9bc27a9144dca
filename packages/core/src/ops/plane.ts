import { reshape, type Rank, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvGeometry } from './conv-geometry.js';

type Shape4D = [number, number, number, number];

/** What a convolution over a line is over a plane of height 1; one over a plane is itself. */
export const onPlane = {
  /** `[batch, width, in]` as `[batch, 1, width, in]` */
  input(x: Tensor): Tensor4D {
    const { shape } = x;
    return reshape<Rank.R4>(x, (shape.length === 3 ? [shape[0], 1, shape[1], shape[2]] : shape) as Shape4D);
  },
  /** `[width, in, out]` as `[1, width, in, out]` */
  kernel(kernel: Tensor): Tensor4D {
    const { shape } = kernel;
    return reshape<Rank.R4>(kernel, (shape.length === 3 ? [1, ...shape] : shape) as Shape4D);
  },
  /** Strides or dilations. */
  sides(sides: ConvGeometry['strides']): [number, number] {
    return (sides.length === 1 ? [1, ...sides] : sides) as [number, number];
  },
};
