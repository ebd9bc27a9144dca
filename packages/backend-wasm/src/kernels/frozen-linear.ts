import { BlockWeight, type FrozenLinearArgs, type Kernel } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { matrix, rightOf } from '../native/matrices.js';
import { multiply } from '../native/products.js';
import { workplace } from '../native/tensors.js';

/** `x W + bias` in one job and `dy Wᵀ` in another; a quantised W is unpacked panel by panel on its way. */
export const frozenLinear: Kernel<FrozenLinearArgs> = ({ x, weight, bias, transposed }) => {
  const place = workplace();
  const { engine, make, at } = place;
  const turned = transposed && !(weight instanceof BlockWeight);
  const [features, out] = turned ? [weight.shape[1], weight.shape[0]] : weight.shape;
  const [rows] = x.shape;
  if (rows * features * out === 0) return undefined;
  const value = make<Tensor2D>([rows, out]);
  multiply(engine, {
    a: matrix(place, x),
    b: rightOf(place, weight, turned),
    c: matrix(place, value),
    rows,
    inner: features,
    columns: out,
    bias: at(bias),
  });
  return {
    value,
    gradient: (dy) => {
      const dx = make<Tensor2D>([rows, features]);
      const b = rightOf(place, weight, !turned);
      multiply(engine, {
        a: matrix(place, dy as Tensor2D),
        b,
        c: matrix(place, dx),
        rows,
        inner: out,
        columns: features,
      });
      return [dx];
    },
  };
};
