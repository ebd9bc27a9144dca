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
  type Tensor3D,
} from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';

export interface AttentionOptions {
  /** A query sees no key after its own position. */
  causal: boolean;
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
 * @see Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, eq. 1; Ainslie et al. 2023, https://arxiv.org/abs/2305.13245
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, { causal }: AttentionOptions): Tensor {
  const [batch, heads, seq, headDim] = q.shape as [number, number, number, number];
  const [, kvHeads, kvSeq] = k.shape as [number, number, number];
  const groups = batch * kvHeads;
  const rows = (heads / kvHeads) * seq;
  const scale = 1 / Math.sqrt(headDim);
  return customOp([q, k, v], ([q, k, v], save) => {
    const query = mul(reshape(q, [groups, rows, headDim]), scale) as Tensor3D;
    const key = reshape(k, [groups, kvSeq, headDim]) as Tensor3D;
    const value = reshape(v, [groups, kvSeq, headDim]) as Tensor3D;
    const weights = softmax(maskFuture(matMul(query, key, false, true))) as Tensor3D;
    save([query, key, value, weights]);
    return { value: reshape(matMul(weights, value), q.shape), gradient };
  });

  function maskFuture(scores: Tensor): Tensor {
    if (!causal || seq === 1) return scores;
    const apart = reshape(scores, [batch * heads, seq, kvSeq]);
    return reshape(add(apart, futureMask(seq, kvSeq)), scores.shape);
  }

  function gradient(dy: Tensor, saved: Tensor[]): Tensor[] {
    const [query, key, value, weights] = saved as [Tensor3D, Tensor3D, Tensor3D, Tensor3D];
    const dOut = reshape(dy, [groups, rows, headDim]) as Tensor3D;
    const weighted = mul(weights, matMul(dOut, value, false, true));
    const dScores = sub(weighted, mul(weights, sum(weighted, -1, true))) as Tensor3D;
    return [
      reshape(mul(matMul(dScores, key), scale), q.shape),
      reshape(matMul(dScores, query, true, false), k.shape),
      reshape(matMul(weights, dOut, true, false), v.shape),
    ];
  }
}

/** `[1, seq, kvSeq]`: 0 where query t may see key s, else -1e9 (WGSL has no reliable infinity). */
function futureMask(seq: number, kvSeq: number): Tensor3D {
  const mask = new Float32Array(seq * kvSeq);
  for (let t = 0; t < seq; t++) mask.fill(-1e9, t * kvSeq + (kvSeq - seq) + t + 1, (t + 1) * kvSeq);
  return tensor(mask, [1, seq, kvSeq]);
}
