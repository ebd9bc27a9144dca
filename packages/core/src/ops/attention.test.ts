import { attention } from '@lowrank/core';
import { checkOp, describe, errorOf, expect, it } from '@lowrank/testing';
import { dispose, zeros, type Tensor } from '@tensorflow/tfjs-core';

interface Sizes {
  batch: number;
  heads: number;
  kvHeads: number;
  seq: number;
  kvSeq: number;
  headDim: number;
}

const close = { atol: 5e-6, because: 'a softmax between two short sums in float32' };

describe('attention', () => {
  it.onEachBackend('gives causal attention with the gradients of q, k and v', ({ tensors }) => {
    const sizes = { batch: 2, heads: 2, kvHeads: 2, seq: 4, kvSeq: 4, headDim: 3 };
    check(tensors.randn, sizes, true);
  });

  it.onEachBackend('lets query heads share a key head when there are fewer of them', ({ tensors }) => {
    check(tensors.randn, { batch: 2, heads: 6, kvHeads: 2, seq: 3, kvSeq: 3, headDim: 2 }, true);
  });

  it.onEachBackend('takes queries as the last positions of a longer key sequence', ({ tensors }) => {
    check(tensors.randn, { batch: 1, heads: 2, kvHeads: 1, seq: 2, kvSeq: 5, headDim: 4 }, true);
    check(tensors.randn, { batch: 1, heads: 2, kvHeads: 1, seq: 1, kvSeq: 5, headDim: 4 }, true);
  });

  it.onEachBackend('sees everything when it is not causal', ({ tensors }) => {
    check(tensors.randn, { batch: 1, heads: 2, kvHeads: 1, seq: 3, kvSeq: 5, headDim: 4 }, false);
  });

  it.onEachBackend('sees the keys of its window alone', ({ tensors }) => {
    const sizes = { batch: 2, heads: 4, kvHeads: 2, seq: 6, kvSeq: 6, headDim: 3 };
    for (const window of [1, 3, 5]) check(tensors.randn, sizes, true, window);
    check(tensors.randn, { ...sizes, seq: 3, kvSeq: 9 }, true, 4);
    check(tensors.randn, { ...sizes, seq: 1, kvSeq: 9 }, true, 4);
    check(tensors.randn, { ...sizes, seq: 7, kvSeq: 9 }, true, 2);
  });

  it.onEachBackend('is without a window where that covers every key', ({ tensors }) => {
    const [q, k, v] = [1, 2, 3].map(() => tensors.randn([1, 2, 5, 4])) as [Tensor, Tensor, Tensor];
    const whole = attention(q, k, v, { causal: true });
    const covered = attention(q, k, v, { causal: true, window: 5 });
    expect(Array.from(covered.dataSync())).toEqual(Array.from(whole.dataSync()));
    dispose([whole, covered]);
  });

  it('refuses a window of no keys, and one that looks ahead', async () => {
    const x = zeros([1, 1, 2, 2]);
    for (const [window, causal] of [
      [0, true],
      [1.5, true],
      [2, false],
    ] as const) {
      const error = await errorOf(() => attention(x, x, x, { causal, window }));
      expect(error).toMatchObject({ code: 'config-invalid', given: expect.stringContaining(`window ${window}`) });
    }
    x.dispose();
  });
});

function check(randn: (shape: number[]) => Tensor, s: Sizes, causal: boolean, window?: number): void {
  checkOp({
    inputs: [
      randn([s.batch, s.heads, s.seq, s.headDim]),
      randn([s.batch, s.kvHeads, s.kvSeq, s.headDim]),
      randn([s.batch, s.kvHeads, s.kvSeq, s.headDim]),
    ],
    op: (q, k, v) => attention(q, k, v, { causal, window }),
    reference: (q, k, v) => reference(q, k, v, s, { causal, window }),
    ...close,
  });
}

/** One query at a time, in float64. */
function reference(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  s: Sizes,
  { causal, window = s.kvSeq }: { causal: boolean; window?: number | undefined },
): Float64Array {
  const out = new Float64Array(q.length);
  const at = (values: Float64Array, row: number, i: number) => values[row * s.headDim + i] as number;
  for (let row = 0; row < s.batch * s.heads * s.seq; row++) {
    const t = row % s.seq;
    const head = Math.floor(row / s.seq);
    const kvHead = Math.floor(head / s.heads) * s.kvHeads + Math.floor((head % s.heads) / (s.heads / s.kvHeads));
    const seen = causal ? s.kvSeq - s.seq + t + 1 : s.kvSeq;
    const scores = Array.from({ length: seen }, (_, key) => {
      if (key < seen - window) return 0;
      let dot = 0;
      for (let i = 0; i < s.headDim; i++) dot += at(q, row, i) * at(k, kvHead * s.kvSeq + key, i);
      return Math.exp(dot / Math.sqrt(s.headDim));
    });
    const total = scores.reduce((sum, score) => sum + score, 0);
    for (let i = 0; i < s.headDim; i++) {
      out[row * s.headDim + i] = scores.reduce(
        (sum, score, key) => sum + (score / total) * at(v, kvHead * s.kvSeq + key, i),
        0,
      );
    }
  }
  return out;
}
