import {
  add,
  matMul,
  mul,
  reshape,
  softmax,
  sub,
  sum,
  tensor,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { AttentionArgs } from '../backend/kernels.js';
import { LowrankError } from '../errors/lowrank-error.js';
import { customOp, type OpResult } from './custom-op.js';
import { dispatch } from './dispatch.js';

export interface AttentionOptions {
  /** A query sees no key after its own position. */
  causal: boolean;
  /** `[batch, kvSeq]`: 1 where a key may be seen, 0 where it is padding. Each query must see one. */
  mask?: Tensor2D | undefined;
  /** With `causal`: a query sees this many keys at most, its own position's the last. At least 1. */
  window?: number | undefined;
}

/**
 * Scaled dot-product attention, `softmax(q kᵀ / sqrt(headDim)) v`, with grouped queries: `heads` is a multiple
 * of `kvHeads` and each run of `heads / kvHeads` query heads shares a key head. The queries of a group are
 * laid one after another as rows of one matMul, so keys and values are never repeated.
 *
 * @param q `[batch, heads, seq, headDim]`, the last `seq` positions of the keys' `kvSeq`
 * @param k `[batch, kvHeads, kvSeq, headDim]`
 * @param v `[batch, kvHeads, kvSeq, headDim]`
 * @returns `[batch, heads, seq, headDim]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 * @see Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, eq. 1; Ainslie et al. 2023, https://arxiv.org/abs/2305.13245;
 *   of the window, Beltagy et al. 2020, https://arxiv.org/abs/2004.05150
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, { causal, mask, window }: AttentionOptions): Tensor {
  requireFit(q, k, v, mask);
  if (window !== undefined) requireWindow(window, causal);
  const hides = window !== undefined && window < (k.shape[2] as number);
  return customOp([q as Tensor4D, k as Tensor4D, v as Tensor4D], ([q, k, v], save) =>
    hides
      ? dispatch('windowedAttention', composed, { q, k, v, mask, causal: true, window }, save)
      : dispatch('attention', composed, { q, k, v, mask, causal }, save),
  );
}

const composed = (
  { q, k, v, mask, causal, window }: AttentionArgs & { window?: number },
  save: (kept: Tensor[]) => void,
): OpResult => {
  const [batch, heads, seq, headDim] = q.shape;
  const [, kvHeads, kvSeq] = k.shape;
  const groups = batch * kvHeads;
  const rows = (heads / kvHeads) * seq;
  const scale = 1 / Math.sqrt(headDim);
  const query: Tensor3D = reshape(mul(q, scale), [groups, rows, headDim]);
  const key: Tensor3D = reshape(k, [groups, kvSeq, headDim]);
  const value: Tensor3D = reshape(v, [groups, kvSeq, headDim]);
  let scores: Tensor = matMul(query, key, false, true);
  if (causal && (seq > 1 || window !== undefined)) {
    scores = add(reshape(scores, [batch * heads, seq, kvSeq]), positionMask(seq, kvSeq, window));
  }
  if (mask) scores = add(reshape(scores, [batch, heads, seq, kvSeq]), reshape(penalty(mask), [batch, 1, 1, kvSeq]));
  const weights: Tensor3D = softmax(reshape(scores, [groups, rows, kvSeq]));
  save([query, key, value, weights]);
  return {
    value: reshape(matMul(weights, value), q.shape),
    gradient: (dy, saved) => {
      const [query, key, value, weights] = saved as [Tensor3D, Tensor3D, Tensor3D, Tensor3D];
      const dOut: Tensor3D = reshape(dy, [groups, rows, headDim]);
      const weighted = mul(weights, matMul(dOut, value, false, true));
      const dScores = sub(weighted, mul(weights, sum(weighted, -1, true))) as Tensor3D;
      return [
        reshape(mul(matMul(dScores, key), scale), q.shape),
        reshape(matMul(dScores, query, true, false), k.shape),
        reshape(matMul(weights, dOut, true, false), v.shape),
      ];
    },
  };
};

/** `[1, seq, kvSeq]`: 0 where query t may see key s, else -1e9 (WGSL has no reliable infinity). */
function positionMask(seq: number, kvSeq: number, window = kvSeq): Tensor3D {
  const mask = new Float32Array(seq * kvSeq).fill(-1e9);
  for (let t = 0; t < seq; t++) {
    const end = kvSeq - seq + t + 1;
    mask.fill(0, t * kvSeq + Math.max(0, end - window), t * kvSeq + end);
  }
  return tensor(mask, [1, seq, kvSeq]);
}

/** 0 where a key may be seen, else -1e9. */
function penalty(mask: Tensor2D): Tensor {
  return mul(sub(mask, 1), 1e9);
}

function requireFit(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | undefined): void {
  const [batch = 0, heads = 0, seq = 0, headDim = 0] = q.shape;
  const [, kvHeads = 0, kvSeq = 0] = k.shape;
  const key = [batch, kvHeads, kvSeq, headDim];
  const fits = q.rank === 4 && heads % kvHeads === 0 && seq <= kvSeq && same(k.shape, key) && same(v.shape, key);
  if (fits && (!mask || same(mask.shape, [batch, kvSeq]))) return;
  const given = Object.entries({ q, k, v, mask }).map(
    ([name, tensor]) => tensor && `${name} [${tensor.shape.join(', ')}]`,
  );
  throw new LowrankError('shape-mismatch', {
    given: `attention: ${given.filter(Boolean).join(', ')}`,
    rule: 'q is [batch, heads, seq, headDim], k and v [batch, kvHeads, kvSeq, headDim] with heads a multiple of kvHeads and seq at most kvSeq, a mask [batch, kvSeq]',
    fix: 'split the heads with reshape and transpose first',
  });
}

function requireWindow(window: number, causal: boolean): void {
  if (causal && Number.isSafeInteger(window) && window >= 1) return;
  throw new LowrankError('config-invalid', {
    given: `attention: window ${window}${causal ? '' : ' without causal'}`,
    rule: 'a window is a whole number of keys from 1 on, and slides over what comes before a query',
    fix: 'leave it out to see every key',
  });
}

function same(shape: number[], expected: number[]): boolean {
  return shape.length === expected.length && shape.every((side, axis) => side === expected[axis]);
}
