import { attention } from '@lowrank/core';
import { grads, tensor, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { compare, holds, worstOf } from '../outcome.js';
import { owning } from '../owning.js';
import { attention64, type Attention64 } from '../reference/attention64.js';
import { randn } from '../values.js';

/**
 * A query whose every key is masked, as padding makes them, has no value that means anything; but it has one, no
 * larger than the values are, and what the other queries give is untouched by it, gradients too.
 */
export function unseeing(title: string, sizes: Attention64, mask: number[]): ConformanceCase {
  const { batch, heads, kvHeads, seq, kvSeq, headDim, causal } = sizes;
  const [query, keys] = [
    [batch, heads, seq, headDim],
    [batch, kvHeads, kvSeq, headDim],
  ] as const;
  return {
    op: 'attention',
    title,
    large: false,
    run: (tolerance) =>
      owning(async (own) => {
        const given = [randn([...query], 1), randn([...keys], 2), randn([...keys], 3)];
        const [q, k, v] = given.map(({ data }) => Float64Array.from(data)) as [
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const rows = Array.from({ length: batch * heads * seq }, (_, row) => row);
        const sees = (row: number) => {
          const [element, last] = [Math.floor(row / seq / heads), causal ? kvSeq - seq + (row % seq) : kvSeq - 1];
          return mask.slice(element * kvSeq, element * kvSeq + last + 1).includes(1);
        };
        const seeing = rows
          .filter(sees)
          .flatMap((row) => Array.from({ length: headDim }, (_, at) => row * headDim + at));
        const dy = new Float32Array(q.length);
        const direction = randn([...query], 4).data;
        for (const at of seeing) dy[at] = direction[at] as number;

        const inputs = given.map(({ data, shape }) => own(tensor(data.slice(), shape)));
        const seen: Tensor2D = own(tensor2d(mask, [batch, kvSeq]));
        const of = (...[q, k, v]: typeof inputs) => attention(q!, k!, v!, { causal, mask: seen });
        const value = await own(tidy(() => of(...inputs))).data();
        const gradients = grads(of)(inputs, own(tensor(dy, [...query]))).map(own);

        const expected = attention64(q, k, v, { ...sizes, mask });
        const slopes = expected.gradient(Float64Array.from(dy));
        const most = v.reduce((most, each) => Math.max(most, Math.abs(each)), 0) * 1.0001;
        const pick = (values: ArrayLike<number>) => seeing.map((at) => values[at] as number);
        const outcomes = [
          holds(
            value.every((each) => Math.abs(each) <= most),
            'no value is larger than those that it is a mean of',
          ),
          compare('the queries that see', pick(value), pick(expected.value), tolerance),
        ];
        for (const [which, gradient] of gradients.entries()) {
          const slope = slopes[which] as Float64Array;
          outcomes.push(compare(`the gradient of input ${which}`, await gradient.data(), slope, tolerance));
        }
        return worstOf(outcomes);
      }),
  };
}
