import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { FrozenModule } from '../host/frozen-module.js';
import type { ConvGeometry } from '../ops/conv-geometry.js';
import { frozenConv } from '../ops/frozen-conv.js';

/** A convolution that never learns, over one axis of space or two. It owns its weight and bias. */
export class FrozenConv implements FrozenModule {
  readonly geometry: ConvGeometry;

  /**
   * @param weight `[...kernel, in / groups, out]`
   * @param bias `[out]`
   * @param geometry strides and dilations of 1, padding `valid` and one group where left out
   */
  constructor(
    readonly weight: Tensor3D | Tensor4D,
    readonly bias?: Tensor1D,
    geometry: Partial<ConvGeometry> = {},
  ) {
    const ones = weight.shape.slice(2).map(() => 1);
    this.geometry = { strides: ones, dilations: ones, padding: 'valid', groups: 1, ...geometry };
  }

  get kind(): 'conv1d' | 'conv2d' {
    return this.weight.shape.length === 3 ? 'conv1d' : 'conv2d';
  }

  get kernel(): number[] {
    return this.weight.shape.slice(0, -2);
  }

  get in(): number {
    return (this.weight.shape.at(-2) as number) * this.geometry.groups;
  }

  get out(): number {
    return this.weight.shape.at(-1) as number;
  }

  /** @param input `[batch, ...space, in]` @returns `[batch, ...space, out]` */
  forward(input: Tensor): Tensor {
    return frozenConv(input, this.weight, this.bias, this.geometry);
  }

  dispose(): void {
    this.weight.dispose();
    this.bias?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
