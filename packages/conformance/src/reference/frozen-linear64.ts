import { product64, sum64, transposed64, type Matrix } from './matrix64.js';
import type { Result64 } from './result64.js';

export interface Linear64 {
  /** `[in, out]` */
  weight: Matrix;
  bias?: Matrix | undefined;
  in: number;
  out: number;
}

/** `y = x W + bias`, `dx = dy Wᵀ`. */
export function frozenLinear64(x: Float64Array, { weight, bias, in: features, out }: Linear64): Result64 {
  const rows = x.length / features;
  const value = product64(x, weight, [rows, features, out]);
  return {
    value: bias ? sum64(value, bias) : value,
    gradient: (dy) => [product64(dy, transposed64(weight, [features, out]), [rows, out, features])],
  };
}
