import { gelu, residual, swiglu } from '@lowrank/core';
import { tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase } from '../op-case.js';
import { gelu64, residual64, swiglu64 } from '../reference/activations64.js';
import type { Result64 } from '../reference/result64.js';
import { randn, repeated, type Values } from '../values.js';
import { refusals } from './refusals.js';

/** Inputs that every op gets which works value by value. */
const inputs: { title: string; x: () => Values; large?: boolean }[] = [
  { title: 'odd sizes', x: () => randn([3, 7], 1) },
  { title: 'one value', x: () => randn([1], 1) },
  { title: 'four axes', x: () => randn([2, 3, 1, 5], 1) },
  { title: 'no rows', x: () => randn([0, 8], 1) },
  { title: 'values about 5', x: () => randn([65], 1, 5) },
  { title: 'zeros and tiny values', x: () => repeated([9], [0, 1e-20, -1e-20, 1e-7]) },
  { title: 'values of ±88 and ±104', x: () => repeated([9], [88, -88, 104, -104, 20, -20]) },
  { title: 'values of ±1e4', x: () => repeated([9], [1e4, -1e4, 0]) },
  { title: 'large', x: () => randn([129, 1025], 1), large: true },
];

export const geluCases: ConformanceCase[] = [
  ...(['none', 'tanh'] as const).flatMap((approximate) =>
    inputs.map(({ title, x, large = false }) =>
      opCase({
        op: 'gelu',
        title: `${title}, ${approximate === 'none' ? 'exact' : 'by tanh'}`,
        large,
        setup: () => ({
          inputs: [x()],
          make: () => (x) => gelu(x, { approximate }),
          reference: (x) => gelu64(x, approximate),
        }),
      }),
    ),
  ),
  ...refusals('gelu', [['an int32 x', 'dtype-unsupported', () => gelu(integers())]]),
];

export const swigluCases = ofTwo('swiglu', swiglu, swiglu64);

export const residualCases = ofTwo('residual', residual, residual64);

function ofTwo(
  op: 'swiglu' | 'residual',
  compute: (x: Tensor, y: Tensor) => Tensor,
  reference: (x: Float64Array, y: Float64Array) => Result64,
): ConformanceCase[] {
  return [
    ...inputs.map(({ title, x, large = false }) =>
      opCase({
        op,
        title,
        large,
        setup: () => {
          const first = x();
          return { inputs: [first, randn(first.shape, 2)], make: () => compute, reference };
        },
      }),
    ),
    ...refusals(op, [
      ['an int32 x', 'dtype-unsupported', () => compute(integers(), tensor1d([1, 2]))],
      ['an int32 y', 'dtype-unsupported', () => compute(tensor1d([1, 2]), integers())],
      ['a y to be broadcast', 'shape-mismatch', () => compute(tensor1d([1, 2]), tensor1d([1]))],
    ]),
  ];
}

function integers(): Tensor {
  return tensor1d([1, 2], 'int32');
}
