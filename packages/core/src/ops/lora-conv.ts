import { add, matMul, mul, reshape, tidy, transpose, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ConvGeometry } from './conv-geometry.js';
import { frozenConv } from './frozen-conv.js';
import { requireShape } from './require-shape.js';
import { rowsOf } from './rows.js';
import { trainedConv } from './trained-conv.js';

export interface LoraConvWeights {
  /** Frozen, `[...kernel, in / groups, out]`. */
  weight: Tensor;
  /** Frozen, `[out]`. */
  bias?: Tensor1D | undefined;
  /** `[...kernel, in, rank]` */
  a: Tensor;
  /** `[...1, rank / groups, out]` */
  b: Tensor;
  scaling: number;
  geometry: ConvGeometry;
}

/**
 * A frozen convolution and its adapter: `y = x * W + bias + scaling · (x' * A) * B`, where `x'` is `x` or what dropout
 * left of it. A goes over the input as W does, but, as in PEFT, without W's groups and dilations; B is one value of
 * kernel and has the groups.
 *
 * @param x `[batch, ...space, in]`, of one axis of space or two
 * @param dropped the adapter's own input, the same shape; `x` where there is no dropout
 * @returns `[batch, ...space, out]`, owned by the caller.
 * @throws `shape-mismatch`, also where undilated A gives another number of outputs than W; `dtype-unsupported`
 */
export function loraConv(x: Tensor, weights: LoraConvWeights, dropped = x): Tensor {
  const { weight, bias, geometry } = weights;
  return tidy(() => add(frozenConv(x, weight, bias, geometry), loraConvUpdate(dropped, weights)));
}

/** What the adapter alone adds: `scaling · (x' * A) * B`, `[batch, ...space, out]`, owned by the caller. */
export function loraConvUpdate(x: Tensor, { weight, a, b, scaling, geometry }: Omit<LoraConvWeights, 'bias'>): Tensor {
  const [kernel, out] = [weight.shape.slice(0, -2), weight.shape.at(-1) as number];
  const { groups } = geometry;
  const [features, rank] = [(weight.shape.at(-2) as number) * groups, a.shape.at(-1) as number];
  requireShape('loraConv', 'a', a, [...kernel, features, rank]);
  requireShape('loraConv', 'b', b, [...kernel.map(() => 1), rank / groups, out]);
  return tidy(() => {
    const ones = geometry.strides.map(() => 1);
    const hidden = trainedConv(x, a, { ...geometry, dilations: ones, groups: 1 });
    const rows = rowsOf(hidden.shape);
    const product =
      groups === 1
        ? matMul(reshape(hidden, [rows, rank]), reshape(b, [rank, out]))
        : transpose(
            matMul(
              transpose(reshape(hidden, [rows, groups, rank / groups]), [1, 0, 2]),
              transpose(reshape(b, [rank / groups, groups, out / groups]), [1, 0, 2]),
            ),
            [1, 0, 2],
          );
    return mul(reshape(product, [...hidden.shape.slice(0, -1), out]), scaling);
  });
}
