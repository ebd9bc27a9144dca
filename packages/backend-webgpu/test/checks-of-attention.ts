import { attention } from '@lowrank/core';
import { tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { OpCheck } from './op-check.js';

interface Sizes {
  batch: number;
  heads: number;
  kvHeads: number;
  seq: number;
  kvSeq: number;
  headDim: number;
}

/** Attention in all its ways, also over more queries and keys than a workgroup holds. */
export function checksOfAttention(): OpCheck[] {
  const small = { batch: 2, heads: 2, kvHeads: 2, seq: 5, kvSeq: 5, headDim: 4 };
  return [
    check('causal', small, true),
    check('open', small, false),
    check('grouped heads', { ...small, heads: 6 }, true),
    check('the last queries of a longer sequence', { ...small, batch: 1, seq: 3, kvSeq: 21 }, true),
    check('blocks', { batch: 1, heads: 2, kvHeads: 1, seq: 37, kvSeq: 37, headDim: 3 }, true),
    check('blocks, open', { batch: 1, heads: 1, kvHeads: 1, seq: 18, kvSeq: 35, headDim: 18 }, false),
    check('with a mask', small, false, [
      [1, 1, 0, 1, 0],
      [1, 1, 1, 1, 1],
    ]),
    check('causal with a mask', small, true, [
      [1, 1, 1, 0, 0],
      [1, 0, 1, 1, 1],
    ]),
    check('a window', { ...small, heads: 6 }, true, undefined, 2),
    check(
      'a window in blocks',
      { batch: 1, heads: 2, kvHeads: 1, seq: 53, kvSeq: 70, headDim: 3 },
      true,
      undefined,
      20,
    ),
    check(
      'a window of one key',
      { batch: 1, heads: 1, kvHeads: 1, seq: 35, kvSeq: 35, headDim: 3 },
      true,
      undefined,
      1,
    ),
  ];
}

function check(name: string, s: Sizes, causal: boolean, mask?: number[][], window?: number): OpCheck {
  return {
    name: `attention, ${name}`,
    shapes: [
      [s.batch, s.heads, s.seq, s.headDim],
      [s.batch, s.kvHeads, s.kvSeq, s.headDim],
      [s.batch, s.kvHeads, s.kvSeq, s.headDim],
    ],
    op: (q, k, v) =>
      attention(q, k, v, { causal, window, mask: mask && (tensor(mask.flat(), [s.batch, s.kvSeq]) as Tensor2D) }),
    reference: (q, k, v) => attention64(q, k, v, s, { causal, mask, window }),
    atol: 5e-6,
  };
}

/** One query at a time. */
function attention64(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  s: Sizes,
  { causal, mask, window = s.kvSeq }: { causal: boolean; mask?: number[][] | undefined; window?: number | undefined },
): Float64Array {
  const out = new Float64Array(q.length);
  const at = (values: Float64Array, row: number, d: number) => values[row * s.headDim + d] as number;
  for (let query = 0; query < s.batch * s.heads * s.seq; query++) {
    const t = query % s.seq;
    const head = Math.floor(query / s.seq);
    const batch = Math.floor(head / s.heads);
    const kvHead = batch * s.kvHeads + Math.floor((head % s.heads) / (s.heads / s.kvHeads));
    const powers = Array.from({ length: s.kvSeq }, (_, key) => {
      const own = t + s.kvSeq - s.seq;
      if (causal && (key > own || key <= own - window)) return 0;
      if (mask && mask[batch]?.[key] === 0) return 0;
      let dot = 0;
      for (let d = 0; d < s.headDim; d++) dot += at(q, query, d) * at(k, kvHead * s.kvSeq + key, d);
      return Math.exp(dot / Math.sqrt(s.headDim));
    });
    const total = powers.reduce((sum, power) => sum + power, 0);
    for (let d = 0; d < s.headDim; d++) {
      out[query * s.headDim + d] = powers.reduce(
        (sum, power, key) => sum + (power / total) * at(v, kvHead * s.kvSeq + key, d),
        0,
      );
    }
  }
  return out;
}
