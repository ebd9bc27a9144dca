import { dot, type Result64 } from './result64.js';

export interface Attention64 {
  batch: number;
  heads: number;
  kvHeads: number;
  seq: number;
  kvSeq: number;
  headDim: number;
  causal: boolean;
  /** `[batch, kvSeq]` */
  mask?: ArrayLike<number> | undefined;
  /** How many of the last keys a query sees, all where it is left out. */
  window?: number | undefined;
}

/** `softmax(q kᵀ / √headDim) v`, one query at a time, over the keys that it may see and no others. */
export function attention64(q: Float64Array, k: Float64Array, v: Float64Array, sizes: Attention64): Result64 {
  const { headDim, batch, heads, seq } = sizes;
  const scale = 1 / Math.sqrt(headDim);
  const rowOf = (values: Float64Array, row: number) => values.subarray(row * headDim, (row + 1) * headDim);
  const queries = Array.from({ length: batch * heads * seq }, (_, query) => {
    const keys = keysOf(query, sizes);
    const scores = keys.map((key) => scale * dot(rowOf(q, query), rowOf(k, key)));
    return { query, keys, weights: softmax(scores) };
  });

  const value = new Float64Array(q.length);
  for (const { query, keys, weights } of queries) {
    keys.forEach((key, at) => addTo(rowOf(value, query), rowOf(v, key), weights[at] as number));
  }
  const gradient = (dy: Float64Array) => {
    const [dq, dk, dv] = [new Float64Array(q.length), new Float64Array(k.length), new Float64Array(v.length)];
    for (const { query, keys, weights } of queries) {
      const dOut = rowOf(dy, query);
      const dWeights = keys.map((key) => dot(dOut, rowOf(v, key)));
      const level = dot(weights, dWeights);
      keys.forEach((key, at) => {
        const weight = weights[at] as number;
        const dScore = scale * weight * ((dWeights[at] as number) - level);
        addTo(rowOf(dv, key), dOut, weight);
        addTo(rowOf(dq, query), rowOf(k, key), dScore);
        addTo(rowOf(dk, key), rowOf(q, query), dScore);
      });
    }
    return [dq, dk, dv];
  };
  return { value, gradient };
}

/** The rows of k that a query sees. */
function keysOf(query: number, { heads, kvHeads, seq, kvSeq, causal, mask, window = kvSeq }: Attention64): number[] {
  const [row, t] = [Math.floor(query / seq), query % seq];
  const [element, head] = [Math.floor(row / heads), row % heads];
  const first = (element * kvHeads + Math.floor(head / (heads / kvHeads))) * kvSeq;
  const count = causal ? kvSeq - seq + t + 1 : kvSeq;
  return Array.from({ length: count }, (_, key) => key)
    .filter((key) => key >= count - window)
    .filter((key) => !mask || mask[element * kvSeq + key] === 1)
    .map((key) => first + key);
}

function softmax(scores: number[]): number[] {
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function addTo(target: Float64Array, values: Float64Array, factor: number): void {
  for (let index = 0; index < target.length; index++) target[index]! += factor * (values[index] as number);
}
