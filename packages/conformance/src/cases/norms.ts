import { layerNorm, rmsNorm } from '@lowrank/core';
import { ones, tensor1d, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase } from '../op-case.js';
import { layerNorm64, rmsNorm64 } from '../reference/norms64.js';
import { randn, repeated, type Values } from '../values.js';
import { refusals } from './refusals.js';

/** Inputs that both norms get; `[rows, hidden]` and more axes. */
const inputs: { title: string; x: () => Values; epsilon?: number; large?: boolean }[] = [
  { title: 'odd sizes', x: () => randn([3, 7], 1) },
  { title: 'three leading axes', x: () => randn([2, 3, 5, 6], 1) },
  { title: 'one axis', x: () => randn([9], 1) },
  { title: 'a large epsilon', x: () => randn([3, 5], 1), epsilon: 0.5 },
  { title: 'batch 1', x: () => randn([1, 64], 1) },
  { title: 'no rows', x: () => randn([0, 8], 1) },
  { title: 'rows of zeros', x: () => repeated([2, 5], [0]) },
  { title: 'rows of 1e-4, near epsilon', x: () => randn([4, 33], 1, 1e-4), epsilon: 1e-8 },
  { title: 'rows of 1e-20, far below epsilon', x: () => randn([4, 33], 1, 1e-20) },
  { title: 'rows of 1e4', x: () => randn([4, 33], 1, 1e4) },
  { title: 'rows of 1e15', x: () => randn([4, 33], 1, 1e15) },
  { title: 'one large value a row', x: () => repeated([3, 65], [1e4, ...Array<number>(64).fill(0.1)]) },
  { title: 'hidden 257', x: () => randn([5, 257], 1) },
  { title: 'hidden 1,025', x: () => randn([3, 1025], 1) },
  { title: 'large', x: () => randn([3, 129, 768], 1), large: true },
];

export const rmsNormCases: ConformanceCase[] = [
  ...inputs.map(({ title, x, epsilon = 1e-5, large = false }) =>
    opCase({
      op: 'rmsNorm',
      title,
      large,
      setup: () => {
        const input = x();
        const weight = randn([input.shape.at(-1) as number], 2).data;
        return {
          inputs: [input],
          make: (own) => {
            const w: Tensor1D = own(tensor1d(weight.slice()));
            return (x) => rmsNorm(x, w, epsilon);
          },
          reference: (x) => rmsNorm64(x, weight, epsilon),
        };
      },
    }),
  ),
  ...refusals('rmsNorm', [
    ['an int32 x', 'dtype-unsupported', () => rmsNorm(ones([1, 2], 'int32'), ones([2]), 1e-5)],
    ['an int32 weight', 'dtype-unsupported', () => rmsNorm(ones([1, 2]), ones([2], 'int32'), 1e-5)],
    ['a weight to be broadcast', 'shape-mismatch', () => rmsNorm(ones([1, 2]), ones([1]), 1e-5)],
  ]),
];

export const layerNormCases: ConformanceCase[] = [
  ...[
    ...inputs,
    { title: 'a mean far from zero', x: () => shifted(randn([4, 65], 1), 30) },
    { title: 'rows of one value', x: () => repeated([3, 8], [2]) },
  ].map(({ title, x, epsilon = 1e-5, large = false }) =>
    opCase({
      op: 'layerNorm',
      title,
      large,
      setup: () => {
        const input = x();
        const hidden = input.shape.at(-1) as number;
        const [weight, bias] = [randn([hidden], 2).data, randn([hidden], 3).data];
        return {
          inputs: [input],
          make: (own) => {
            const [w, b]: Tensor1D[] = [own(tensor1d(weight.slice())), own(tensor1d(bias.slice()))];
            return (x) => layerNorm(x, w as Tensor1D, b as Tensor1D, epsilon);
          },
          reference: (x) => layerNorm64(x, weight, bias, epsilon),
        };
      },
    }),
  ),
  ...refusals('layerNorm', [
    ['an int32 x', 'dtype-unsupported', () => layerNorm(ones([1, 2], 'int32'), ones([2]), ones([2]), 1e-5)],
    ['a weight of another size', 'shape-mismatch', () => layerNorm(ones([1, 2]), ones([3]), ones([2]), 1e-5)],
    ['a bias to be broadcast', 'shape-mismatch', () => layerNorm(ones([1, 2]), ones([2]), ones([1]), 1e-5)],
  ]),
];

function shifted({ shape, data }: Values, by: number): Values {
  return { shape, data: data.map((value) => value + by) };
}
