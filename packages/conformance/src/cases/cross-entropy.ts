import { crossEntropy } from '@lowrank/core';
import { ones, type Rank, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase } from '../op-case.js';
import { crossEntropy64 } from '../reference/cross-entropy64.js';
import { randn, repeated, type Values } from '../values.js';
import { refusals } from './refusals.js';

/** Mean cross-entropy at target indices. */
export const crossEntropyCases: ConformanceCase[] = [
  one('odd sizes', () => randn([5, 7], 1), [2, 3, 0, 6, 1]),
  one('rows that do not count', () => randn([5, 7], 1), [2, -100, 0, 6, -100]),
  one('an ignoreIndex within the vocabulary', () => randn([4, 5], 1), [2, 0, 1, 0], { ignoreIndex: 0 }),
  one('no row that counts', () => randn([2, 3], 1), [-100, -100]),
  one('no rows', () => randn([0, 3], 1), []),
  one('one row', () => randn([1, 5], 1), [4]),
  one('two classes', () => randn([3, 2], 1), [0, 1, 0]),
  one('equal logits', () => repeated([3, 9], [0]), [0, 4, 8]),
  one('logits of ±1e4', () => repeated([3, 4], [1e4, -1e4, 0, 9999]), [0, 1, 3]),
  one('logits of -1e9, as a mask leaves them', () => repeated([2, 5], [1, -1e9, 2, 0, -1e9]), [0, 2]),
  one('257 classes', () => randn([9, 257], 1, 3), [0, 1, 256, 128, 5, 6, 7, 8, -100]),
  one('50,257 classes', () => randn([5, 50_257], 1), [0, 50_256, 1000, -100, 33_333], { large: true }),
  one(
    'large',
    () => randn([130, 8191], 1),
    Array.from({ length: 130 }, (_, row) => (row * 4099) % 8191),
    {
      large: true,
    },
  ),
  ...refusals('crossEntropy', [
    ['int32 logits', 'dtype-unsupported', () => crossEntropy(ones([1, 2], 'int32'), Int32Array.of(0))],
    ['more targets than rows', 'shape-mismatch', () => crossEntropy(ones([1, 2]), Int32Array.of(0, 0))],
    [
      'logits of three axes',
      'shape-mismatch',
      () => crossEntropy(ones<Rank.R3>([1, 2, 2]) as Tensor as Tensor2D, Int32Array.of(0)),
    ],
    ['a target beyond the vocabulary', 'data-invalid', () => crossEntropy(ones([1, 2]), Int32Array.of(2))],
    ['a negative target', 'data-invalid', () => crossEntropy(ones([1, 2]), Int32Array.of(-1))],
  ]),
];

interface Options {
  ignoreIndex?: number;
  large?: boolean;
}

function one(
  title: string,
  logits: () => Values,
  answers: number[],
  { ignoreIndex = -100, large = false }: Options = {},
): ConformanceCase {
  const targets = Int32Array.from(answers);
  return opCase({
    op: 'crossEntropy',
    title,
    large,
    setup: () => {
      const input = logits();
      return {
        inputs: [input],
        shape: [],
        make: () => (x) => crossEntropy(x as Tensor2D, targets, { ignoreIndex }),
        reference: (x) => crossEntropy64(x, targets, input.shape[1] as number, ignoreIndex),
      };
    },
  });
}
