import { attention } from '@lowrank/core';
import { describe, it } from '@lowrank/testing';
import { tensor2d } from '@tensorflow/tfjs-core';
import { attention64, type AttentionSizes } from '../../test/attention64.js';
import { checkKernel, random } from '../../test/check-kernel.js';

const small = { batch: 2, heads: 2, kvHeads: 2, seq: 7, kvSeq: 7, headDim: 4 };

const cases: [title: string, sizes: AttentionSizes, causal: boolean, masked?: boolean, window?: number][] = [
  ['causal', small, true],
  ['open', small, false],
  ['one feature', { ...small, headDim: 1 }, true],
  ['grouped heads', { ...small, heads: 6 }, true],
  ['the last queries of a longer sequence', { ...small, batch: 1, seq: 6, kvSeq: 21 }, true],
  [
    'more queries than a thread takes at a time',
    { batch: 1, heads: 1, kvHeads: 1, seq: 101, kvSeq: 103, headDim: 9 },
    true,
  ],
  ['the same, open', { batch: 1, heads: 2, kvHeads: 1, seq: 100, kvSeq: 130, headDim: 8 }, false],
  ['with a mask', small, false, true],
  ['causal with a mask', { ...small, kvSeq: 9 }, true, true],
  ['a window', small, true, false, 3],
  ['a window of one key, of grouped heads', { ...small, heads: 6 }, true, false, 1],
  ['a window of longer keys', { ...small, batch: 1, seq: 9, kvSeq: 30 }, true, false, 12],
  ['a window in blocks', { batch: 1, heads: 2, kvHeads: 1, seq: 101, kvSeq: 103, headDim: 9 }, true, false, 20],
];

describe('attention on wasm equals its formula in float64, with its gradients', () => {
  for (const [title, sizes, causal, masked = false, window] of cases) {
    const { batch, heads, kvHeads, seq, kvSeq, headDim } = sizes;
    it(title, () => {
      // The first key may be seen by all, so that each query sees one.
      const mask = random([batch * kvSeq], 9).map((value, index) => Number(index % kvSeq === 0 || value > -0.3));
      const way = { causal, window, mask: masked ? mask : undefined };
      return checkKernel({
        shapes: [
          [batch, heads, seq, headDim],
          [batch, kvHeads, kvSeq, headDim],
          [batch, kvHeads, kvSeq, headDim],
        ],
        op: (q, k, v) =>
          attention(q, k, v, { causal, window, mask: masked ? tensor2d(mask, [batch, kvSeq]) : undefined }),
        reference: (q, k, v) => attention64(sizes, way, [q, k, v]).value,
        gradients: (dy, q, k, v) => attention64(sizes, way, [q, k, v], dy).gradients,
        atol: 5e-6,
        because: 'products of up to 130 terms, exponentials to 2 in 10^7',
      });
    });
  }
});
