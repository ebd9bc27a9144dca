import type { ConvGeometry } from '@lowrank/core';

/** A convolution of a case, `x` of `[batch, height, width, channels]`; where nothing is said of its geometry it is plain. */
export interface ConvPlane extends Partial<ConvGeometry> {
  x: number[];
  kernel: [number, number, number, number];
  large?: boolean;
}

export const plain: ConvGeometry = { strides: [1, 1], dilations: [1, 1], padding: 'valid', groups: 1 };

/** What every convolution must do, by title. */
export const convPlanes: [title: string, plane: ConvPlane][] = [
  ['one value', { x: [1, 1, 1, 1], kernel: [1, 1, 1, 1] }],
  ['no padding', { x: [2, 5, 6, 3], kernel: [3, 2, 3, 4] }],
  ['padding', { x: [2, 5, 6, 3], kernel: [3, 3, 3, 4], padding: 'same' }],
  ['strides', { x: [1, 7, 8, 3], kernel: [3, 3, 3, 5], strides: [2, 3] }],
  ['strides and padding', { x: [1, 6, 6, 2], kernel: [3, 3, 2, 3], strides: [2, 2], padding: 'same' }],
  ['an even kernel and padding', { x: [1, 5, 4, 2], kernel: [4, 2, 2, 3], padding: 'same' }],
  ['dilations', { x: [2, 8, 9, 2], kernel: [3, 3, 2, 3], dilations: [2, 3] }],
  ['dilations and padding', { x: [1, 6, 7, 2], kernel: [3, 2, 2, 3], dilations: [2, 2], padding: 'same' }],
  ['groups', { x: [2, 5, 5, 6], kernel: [3, 3, 2, 9], groups: 3, padding: 'same' }],
  ['a kernel of one place', { x: [2, 4, 5, 7], kernel: [1, 1, 7, 3] }],
  ['a kernel of one place and strides', { x: [1, 5, 5, 4], kernel: [1, 1, 4, 3], strides: [2, 2] }],
  ['a whole layer', { x: [2, 16, 17, 64], kernel: [3, 3, 64, 32], padding: 'same', large: true }],
];
