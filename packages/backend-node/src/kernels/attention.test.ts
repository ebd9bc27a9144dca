import { attention } from '@lowrank/core';
import { describe, it, tensorsFor } from '@lowrank/testing';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { checkOwn } from '../../test/check-own.js';
import { tensorflowIsHere } from '../../test/tensorflow-is-here.js';

interface Sizes {
  batch: number;
  heads: number;
  kvHeads: number;
  seq: number;
  kvSeq: number;
  headDim: number;
}

interface Way {
  causal: boolean;
  masked: boolean;
  window?: number;
}

const cases: Sizes[] = [
  { batch: 2, heads: 4, kvHeads: 2, seq: 3, kvSeq: 3, headDim: 5 },
  { batch: 1, heads: 3, kvHeads: 1, seq: 2, kvSeq: 5, headDim: 2 },
  { batch: 1, heads: 1, kvHeads: 1, seq: 1, kvSeq: 4, headDim: 1 },
  { batch: 0, heads: 2, kvHeads: 1, seq: 3, kvSeq: 3, headDim: 2 },
];

describe('attention as a program equals its formula in float64, with its gradients', async () => {
  const test = it.runIf(await tensorflowIsHere());
  const ways = [false, true].flatMap((causal) => [false, true].map((masked) => ({ causal, masked })));
  const wide = { batch: 2, heads: 4, kvHeads: 2, seq: 6, kvSeq: 8, headDim: 5 };
  const all: [sizes: Sizes, way: Way][] = [
    ...cases.flatMap((sizes) => ways.map((way): [Sizes, Way] => [sizes, way])),
    ...[3, 5, 7].map((window): [Sizes, Way] => [wide, { causal: true, masked: false, window }]),
    [wide, { causal: true, masked: true, window: 4 }],
    [
      { ...wide, kvSeq: 6 },
      { causal: true, masked: false, window: 1 },
    ],
  ];
  for (const [sizes, way] of all) {
    test(`${JSON.stringify(sizes)}, ${JSON.stringify(way)}`, async () => {
      const { batch, heads, kvHeads, seq, kvSeq, headDim } = sizes;
      const { causal, masked, window } = way;
      const tensors = tensorsFor(11);
      const seen = Float32Array.from({ length: batch * kvSeq }, (_, index) => (index % kvSeq === 1 ? 0 : 1));
      const mask = masked ? (tensors.of(seen, [batch, kvSeq]) as Tensor2D) : undefined;
      const [q, k] = [tensors.randn([batch, heads, seq, headDim]), tensors.randn([batch, kvHeads, kvSeq, headDim])];
      await checkOwn({
        inputs: [q, k, tensors.randn(k.shape)],
        op: (q, k, v) => attention(q!, k!, v!, { causal, mask, window }),
        reference: (q, k, v) => attention64({ q: q!, k: k!, v: v! }, sizes, way, masked ? seen : undefined),
        atol: 2e-5,
        because: 'sums of a few exponentials in float32',
      });
      tensors.dispose();
    });
  }
});

type Inputs = Record<'q' | 'k' | 'v', Float64Array>;

function attention64(
  { q, k, v }: Inputs,
  sizes: Sizes,
  { causal, window = sizes.kvSeq }: Way,
  seen?: Float32Array,
): Float64Array {
  const { batch, heads, kvHeads, seq, kvSeq, headDim } = sizes;
  const out = new Float64Array(q.length);
  for (let row = 0; row < batch * heads * seq; row++) {
    const [item, head, t] = [Math.floor(row / (heads * seq)), Math.floor(row / seq) % heads, row % seq];
    const group = item * kvHeads + Math.floor(head / (heads / kvHeads));
    const powers = Array.from({ length: kvSeq }, (_, s) => {
      const own = t + kvSeq - seq;
      const hidden = (causal && (s > own || s <= own - window)) || seen?.[item * kvSeq + s] === 0;
      let score = 0;
      for (let d = 0; d < headDim; d++) score += q[row * headDim + d]! * k[(group * kvSeq + s) * headDim + d]!;
      return hidden ? 0 : Math.exp(score / Math.sqrt(headDim));
    });
    const total = powers.reduce((sum, power) => sum + power);
    for (let d = 0; d < headDim; d++) {
      powers.forEach(
        (power, s) => (out[row * headDim + d]! += (power / total) * v[(group * kvSeq + s) * headDim + d]!),
      );
    }
  }
  return out;
}
