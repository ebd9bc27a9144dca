import { trainedConv, type ConvGeometry } from '@lowrank/core';
import { ones } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase, type OpSetup } from '../op-case.js';
import { conv64 } from '../reference/conv64.js';
import { randn } from '../values.js';
import { convPlanes, plain } from './conv-planes.js';
import { refusals } from './refusals.js';

/** A convolution whose kernel is trained: the gradients of its input and of its kernel. */
export const trainedConvCases: ConformanceCase[] = [
  ...convPlanes.map(([title, plane]) => one(title, plane)),
  one('dilations along one axis', { x: [1, 7, 6, 3], kernel: [2, 3, 3, 2], dilations: [3, 1] }),
  one('groups and dilations', { x: [2, 7, 6, 4], kernel: [3, 2, 2, 6], groups: 2, dilations: [2, 2] }),
  one('a line', { x: [2, 9, 3], kernel: [3, 3, 4], strides: [2], dilations: [1], padding: 'same' }),
  one('a line, dilated', { x: [2, 9, 3], kernel: [3, 3, 4], strides: [1], dilations: [2], padding: 'same' }),
  ...refusals('trainedConv', [
    ['an int32 x', 'dtype-unsupported', () => trainedConv(ones([1, 2, 2, 1], 'int32'), ones([1, 1, 1, 1]), plain)],
    ['an int32 kernel', 'dtype-unsupported', () => trainedConv(ones([1, 2, 2, 1]), ones([1, 1, 1, 1], 'int32'), plain)],
    ['a kernel for other channels', 'shape-mismatch', () => trainedConv(ones([1, 2, 2, 3]), ones([1, 1, 2, 1]), plain)],
    ['an x without space', 'shape-mismatch', () => trainedConv(ones([2, 3]), ones([1, 1, 3, 1]), plain)],
  ]),
];

interface Plan extends Partial<ConvGeometry> {
  x: number[];
  kernel: number[];
  large?: boolean;
}

function one(title: string, { large = false, ...plan }: Plan): ConformanceCase {
  return opCase({ op: 'trainedConv', title, large, setup: () => setup(plan) });
}

function setup({ x, kernel, ...rest }: Plan): OpSetup {
  const geometry = { ...plain, ...rest };
  const places = kernel.slice(0, -1).reduce((product, side) => product * side, 1);
  const reference = conv64(onPlane(x, kernel, geometry));
  return {
    inputs: [randn(x, 1), randn(kernel, 2, 1 / Math.sqrt(places))],
    shape: x.length === 3 ? reference.shape.toSpliced(1, 1) : reference.shape,
    make: () => (x, kernel) => trainedConv(x, kernel, geometry),
    reference: (x, kernel) => ({
      value: reference.value(x, kernel),
      gradient: (dy) => [reference.inputGradient(dy, kernel), reference.kernelGradient(dy, x)],
    }),
  };
}

/** A line is a plane of height 1. */
function onPlane(x: number[], kernel: number[], geometry: ConvGeometry) {
  if (x.length === 4) return { x, kernel, ...geometry };
  const { strides, dilations, ...rest } = geometry;
  const flat = { x: x.toSpliced(1, 0, 1), kernel: [1, ...kernel] };
  return { ...flat, ...rest, strides: [1, ...strides], dilations: [1, ...dilations] };
}
