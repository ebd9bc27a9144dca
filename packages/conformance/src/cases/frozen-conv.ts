import { frozenConv } from '@lowrank/core';
import { ones, tensor, tensor1d, type Tensor4D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase, type OpSetup } from '../op-case.js';
import { conv64 } from '../reference/conv64.js';
import { sum64 } from '../reference/matrix64.js';
import { randn } from '../values.js';
import { convPlanes, plain, type ConvPlane } from './conv-planes.js';
import { refusals } from './refusals.js';

/** A convolution with a frozen kernel, and the gradient of its input. */
export const frozenConvCases: ConformanceCase[] = [
  ...convPlanes.map(([title, plane]) => one(title, plane)),
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

function one(title: string, { large = false, ...plan }: ConvPlane): ConformanceCase {
  return opCase({ op: 'frozenConv', title, large, setup: () => setup(plan) });
}

function setup({ x, kernel, ...rest }: ConvPlane): OpSetup {
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
