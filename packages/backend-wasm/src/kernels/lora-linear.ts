import type { Kernel, LoraLinearArgs } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { matrix, rightOf } from '../native/matrices.js';
import { multiply, type Products } from '../native/products.js';
import { workplace } from '../native/tensors.js';

/**
 * `y = x W + bias + h B` in one job, with `h = scaling · x' A` before it: the adapter's share is added to each tile
 * while that is at hand. Backward: `dx = dy Wᵀ + dh Aᵀ` in one job, `dA = x'ᵀ dh`, `dB = hᵀ dy`.
 */
export const loraLinear: Kernel<LoraLinearArgs> = ({ x, dropped, weight, bias, a, b, scaling }, save) => {
  const place = workplace();
  const { engine, make, at } = place;
  const [rows] = x.shape;
  const [features, out] = weight.shape;
  const [, rank] = a.shape;
  if (rows * features * out * rank === 0) return undefined;
  const product = (size: [number, number, number], job: Pick<Products, 'a' | 'b'> & Partial<Products>) => {
    const [rows, inner, columns] = size;
    const value = make<Tensor2D>([rows, columns]);
    multiply(engine, { c: matrix(place, value), rows, inner, columns, ...job });
    return value;
  };
  const input = dropped ?? x;
  const hidden = product([rows, features, rank], { a: matrix(place, input), b: matrix(place, a), alpha: scaling });
  const value = product([rows, features, out], {
    a: matrix(place, x),
    b: rightOf(place, weight, false),
    bias: at(bias),
    extra: { a: matrix(place, hidden), b: matrix(place, b), inner: rank },
  });
  save([input, a, b, hidden]);
  return {
    value,
    gradient: (dOut, saved) => {
      const [input, a, b, hidden] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
      const dy = matrix(place, dOut as Tensor2D);
      const dHidden = product([rows, out, rank], { a: dy, b: matrix(place, b, true), alpha: scaling });
      const [slope, back] = [matrix(place, dHidden), matrix(place, a, true)];
      const dx = product([rows, out, features], {
        a: dy,
        b: rightOf(place, weight, true),
        extra: dropped ? undefined : { a: slope, b: back, inner: rank },
      });
      return [
        dx,
        ...(dropped ? [product([rows, rank, features], { a: slope, b: back })] : []),
        product([features, rows, rank], { a: matrix(place, input, true), b: slope }),
        product([rank, rows, out], { a: matrix(place, hidden, true), b: dy }),
      ];
    },
  };
};
