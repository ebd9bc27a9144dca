export interface AttentionSizes {
  batch: number;
  heads: number;
  kvHeads: number;
  seq: number;
  kvSeq: number;
  headDim: number;
}

export interface AttentionWay {
  causal: boolean;
  mask: Float32Array | undefined;
  window?: number | undefined;
}

/** Attention in float64, one query at a time, with the gradients of q, k and v where `dy` is given. */
export function attention64(
  sizes: AttentionSizes,
  { causal, mask, window = sizes.kvSeq }: AttentionWay,
  [q, k, v]: [q: Float64Array, k: Float64Array, v: Float64Array],
  dy?: Float64Array,
): { value: Float64Array; gradients: [Float64Array, Float64Array, Float64Array] } {
  const { batch, heads, kvHeads, seq, kvSeq, headDim } = sizes;
  const value = new Float64Array(q.length);
  const [dq, dk, dv] = [new Float64Array(q.length), new Float64Array(k.length), new Float64Array(v.length)];
  const scale = 1 / Math.sqrt(headDim);
  const row = (values: Float64Array, index: number) => values.subarray(index * headDim, (index + 1) * headDim);
  for (let query = 0; query < batch * heads * seq; query++) {
    const [t, head] = [query % seq, Math.floor(query / seq)];
    const sequence = Math.floor(head / heads);
    const first = (sequence * kvHeads + Math.floor((head % heads) / (heads / kvHeads))) * kvSeq;
    const powers = Array.from({ length: kvSeq }, (_, key) => {
      const at = t + kvSeq - seq;
      const seen = !(causal && (key > at || key <= at - window)) && mask?.[sequence * kvSeq + key] !== 0;
      return seen ? Math.exp(scale * dot(row(q, query), row(k, first + key))) : 0;
    });
    const total = powers.reduce((sum, power) => sum + power, 0);
    const weights = powers.map((power) => power / total);
    weights.forEach((weight, key) => addTo(row(value, query), row(v, first + key), weight));
    if (!dy) continue;
    const slopes = weights.map((_, key) => dot(row(dy, query), row(v, first + key)));
    const mean = slopes.reduce((sum, slope, key) => sum + slope * (weights[key] as number), 0);
    weights.forEach((weight, key) => {
      const slope = weight * ((slopes[key] as number) - mean) * scale;
      addTo(row(dq, query), row(k, first + key), slope);
      addTo(row(dk, first + key), row(q, query), slope);
      addTo(row(dv, first + key), row(dy, query), weight);
    });
  }
  return { value, gradients: [dq, dk, dv] };
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] as number), 0);
}

function addTo(sums: Float64Array, values: Float64Array, factor: number): void {
  values.forEach((value, index) => (sums[index]! += value * factor));
}
