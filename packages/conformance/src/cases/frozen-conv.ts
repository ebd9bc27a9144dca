import { frozenConv, type ConvGeometry } from '@lowrank/core';
import { ones, tensor, tensor1d, type Tensor4D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase, type OpSetup } from '../op-case.js';
import { conv64 } from '../reference/conv64.js';
import { sum64 } from '../reference/matrix64.js';
import { randn } from '../values.js';
import { refusals } from './refusals.js';

const plain: ConvGeometry = { strides: [1, 1], dilations: [1, 1], padding: 'valid', groups: 1 };

/** A convolution with a frozen kernel, and the gradient of its input. */
export const frozenConvCases: ConformanceCase[] = [
  one('one value', { x: [1, 1, 1, 1], kernel: [1, 1, 1, 1] }),
  one('no padding', { x: [2, 5, 6, 3], kernel: [3, 2, 3, 4] }),
  one('padding', { x: [2, 5, 6, 3], kernel: [3, 3, 3, 4], padding: 'same' }),
  one('strides', { x: [1, 7, 8, 3], kernel: [3, 3, 3, 5], strides: [2, 3] }),
  one('strides and padding', { x: [1, 6, 6, 2], kernel: [3, 3, 2, 3], strides: [2, 2], padding: 'same' }),
  one('an even kernel and padding', { x: [1, 5, 4, 2], kernel: [4, 2, 2, 3], padding: 'same' }),
  one('dilations', { x: [1, 8, 9, 2], kernel: [3, 3, 2, 3], dilations: [2, 3] }),
  one('dilations and padding', { x: [1, 6, 7, 2], kernel: [3, 2, 2, 3], dilations: [2, 2], padding: 'same' }),
  one('groups', { x: [2, 5, 5, 6], kernel: [3, 3, 2, 9], groups: 3, padding: 'same' }),
  one('a kernel of one place', { x: [2, 4, 5, 7], kernel: [1, 1, 7, 3] }),
  one('a kernel of one place and strides', { x: [1, 5, 5, 4], kernel: [1, 1, 4, 3], strides: [2, 2] }),
  one('a whole layer', { x: [2, 16, 17, 64], kernel: [3, 3, 64, 32], padding: 'same', large: true }),
  ...refusals('frozenConv', [
    [
      'an int32 x',
      'dtype-unsupported',
      () => frozenConv(ones([1, 2, 2, 1], 'int32'), ones([1, 1, 1, 1]), undefined, plain),
    ],
    [
      'a kernel for other channels',
      'shape-mismatch',
      () => frozenConv(ones([1, 2, 2, 3]), ones([1, 1, 2, 1]), undefined, plain),
    ],
    ['an x without space', 'shape-mismatch', () => frozenConv(ones([2, 3]), ones([1, 1, 3, 1]), undefined, plain)],
  ]),
];

interface Plan extends Partial<ConvGeometry> {
  x: number[];
  kernel: [number, number, number, number];
  large?: boolean;
}

function one(title: string, { large = false, ...plan }: Plan): ConformanceCase {
  return opCase({ op: 'frozenConv', title, large, setup: () => setup(plan) });
}

function setup({ x, kernel, ...rest }: Plan): OpSetup {
  const geometry = { ...plain, ...rest };
  const places = (kernel[0] as number) * (kernel[1] as number) * (kernel[2] as number);
  const weight = randn(kernel, 2, 1 / Math.sqrt(places)).data;
  const shift = randn([kernel[3] as number], 3).data;
  const reference = conv64({ x, kernel, ...geometry });
  return {
    inputs: [randn(x, 1)],
    shape: reference.shape,
    make: (own) => {
      const [w, b] = [own(tensor(weight.slice(), kernel)) as Tensor4D, own(tensor1d(shift.slice()))];
      return (x) => frozenConv(x, w, b, geometry);
    },
    reference: (x) => ({
      value: sum64(reference.value(x, weight), shift),
      gradient: (dy) => [reference.inputGradient(dy, weight)],
    }),
  };
}
