import { attention } from '@lowrank/core';
import { ones, tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase } from '../op-case.js';
import { attention64, type Attention64 } from '../reference/attention64.js';
import { randn, type Values } from '../values.js';
import { refusals } from './refusals.js';
import { unseeing } from './unseeing-queries.js';

const one4 = [1, 1, 1, 2];

const small = { batch: 2, heads: 2, kvHeads: 2, seq: 4, kvSeq: 4, headDim: 3, causal: true };

/** Scaled dot-product attention, with grouped heads, padding and longer keys. */
export const attentionCases: ConformanceCase[] = [
  one('causal', small),
  one('not causal', { ...small, causal: false }),
  one('one position', { ...small, batch: 1, seq: 1, kvSeq: 1 }),
  one('grouped heads', { ...small, heads: 6, kvHeads: 2, seq: 5, kvSeq: 5 }),
  one('one key head for all', { ...small, heads: 5, kvHeads: 1 }),
  one('the last positions of longer keys', { ...small, seq: 2, kvSeq: 7 }),
  one('one query of longer keys', { ...small, heads: 4, seq: 1, kvSeq: 7 }),
  one('longer keys, not causal', { ...small, seq: 3, kvSeq: 5, causal: false }),
  one('a mask of padding', { ...small, causal: false }, { mask: [1, 1, 1, 0, 1, 1, 0, 0] }),
  one('a mask that is causal too', { ...small, heads: 4 }, { mask: [1, 1, 1, 0, 1, 0, 1, 0] }),
  one('every key masked but one', { ...small, causal: false }, { mask: [1, 0, 0, 0, 0, 0, 1, 0] }),
  one('a mask that hides nothing', { ...small, causal: false }, { mask: Array<number>(8).fill(1) }),
  one('no rows', { ...small, batch: 0 }),
  one('head size 80', { ...small, seq: 9, kvSeq: 9, headDim: 80 }),
  one('equal scores', small, { scale: 0 }),
  one('scores of ±1e4', { ...small, seq: 5, kvSeq: 5 }, { scale: 100 }),
  one('scores of ±1e4 under a mask', { ...small, causal: false }, { scale: 100, mask: [1, 1, 1, 0, 1, 1, 0, 0] }),
  one('large', { batch: 2, heads: 6, kvHeads: 2, seq: 129, kvSeq: 129, headDim: 32, causal: true }, { large: true }),
  one(
    'large, not causal, masked',
    { batch: 2, heads: 3, kvHeads: 3, seq: 100, kvSeq: 100, headDim: 32, causal: false },
    { large: true, mask: Array.from({ length: 200 }, (_, key) => (key < 90 || (key >= 100 && key < 163) ? 1 : 0)) },
  ),
  unseeing('a query that sees no key', small, [1, 1, 1, 1, 0, 0, 0, 0]),
  unseeing('the first queries see no key, causal too', small, [0, 0, 1, 1, 1, 1, 1, 1]),
  ...refusals('attention', [
    ['an int32 q', 'dtype-unsupported', () => attention(ones(one4, 'int32'), ones(one4), ones(one4), { causal: true })],
    ['an int32 mask', 'dtype-unsupported', () => attention(ones(one4), ones(one4), ones(one4), integerMask())],
    ['heads that do not divide', 'shape-mismatch', () => attention(ones([1, 3, 1, 2]), two(), two(), { causal: true })],
    ['a q of three axes', 'shape-mismatch', () => attention(ones([1, 1, 2]), ones(one4), ones(one4), { causal: true })],
    ['more queries than keys', 'shape-mismatch', () => attention(two([1, 2, 2, 2]), two(), two(), { causal: true })],
  ]),
];

const windowed = { ...small, seq: 7, kvSeq: 7 };

/** Attention through a sliding window, which kernels are given apart from what sees everything. */
export const windowedAttentionCases: ConformanceCase[] = [
  one('a window', { ...windowed, window: 3 }),
  one('a window of one key', { ...windowed, window: 1 }),
  one('all keys but one', { ...windowed, window: 6 }),
  one('grouped heads', { ...windowed, heads: 6, kvHeads: 2, window: 4 }),
  one('the last positions of longer keys', { ...windowed, seq: 3, kvSeq: 11, window: 5 }),
  one('one query of longer keys', { ...windowed, seq: 1, kvSeq: 11, window: 5 }),
  one('queries past the window', { ...windowed, seq: 9, kvSeq: 12, window: 2 }),
  one('under a mask', { ...windowed, window: 3 }, { mask: [1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0] }),
  one('no rows', { ...windowed, batch: 0, window: 3 }),
  one('scores of ±1e4', { ...windowed, window: 3 }, { scale: 100 }),
  one(
    'large',
    { batch: 2, heads: 6, kvHeads: 2, seq: 129, kvSeq: 129, headDim: 32, causal: true, window: 40 },
    { large: true },
  ),
  ...refusals('windowedAttention', [
    ['a window of no keys', 'config-invalid', () => attention(two(), two(), two(), { causal: true, window: 0 })],
    ['a window that looks ahead', 'config-invalid', () => attention(two(), two(), two(), { causal: false, window: 1 })],
  ]),
];

interface Options {
  mask?: number[];
  /** Of the queries and keys: the scores' is its square. */
  scale?: number;
  large?: boolean;
}

function one(title: string, sizes: Attention64, { mask, scale = 1, large = false }: Options = {}): ConformanceCase {
  const { batch, heads, kvHeads, seq, kvSeq, headDim, causal, window } = sizes;
  const keys = [batch, kvHeads, kvSeq, headDim];
  return opCase({
    op: window === undefined ? 'attention' : 'windowedAttention',
    title,
    large,
    setup: () => ({
      // A softmax that is all but one-hot leaves of each gradient only what rounding leaves of terms of this size.
      cancelling: scale > 1 ? 3 * scale : 1,
      inputs: [rounded(randn([batch, heads, seq, headDim], 1, scale)), rounded(randn(keys, 2, scale)), randn(keys, 3)],
      make: (own) => {
        const seen: Tensor2D | undefined = mask && own(tensor2d(mask, [batch, kvSeq]));
        return (q, k, v) => attention(q, k, v, { causal, mask: seen, window });
      },
      reference: (q, k, v) => attention64(q, k, v, { ...sizes, mask }),
    }),
  });
}

/** Large values as whole numbers: float32 then has exact products, and scores of 1e4 no error of 1e-3. */
function rounded({ shape, data }: Values): Values {
  const large = data.some((value) => Math.abs(value) > 20);
  return { shape, data: large ? data.map(Math.round) : data };
}

function integerMask() {
  return { causal: false, mask: ones([1, 1], 'int32') as Tensor2D };
}

function two(shape = [1, 2, 1, 2]) {
  return ones(shape);
}
