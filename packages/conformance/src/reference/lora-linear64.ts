import { frozenLinear64, type Linear64 } from './frozen-linear64.js';
import { product64, scaled64, sum64, transposed64 } from './matrix64.js';
import type { Result64 } from './result64.js';

export interface Lora64 extends Linear64 {
  rank: number;
  scaling: number;
}

/** `y = x W + bias + s · (x' A) B`; gradients of x, x', A and B, where x' is the adapter's own input. */
export function loraLinear64(
  x: Float64Array,
  dropped: Float64Array,
  a: Float64Array,
  b: Float64Array,
  layer: Lora64,
): Result64 {
  const { in: features, out, rank, scaling } = layer;
  const rows = x.length / features;
  const base = frozenLinear64(x, layer);
  const hidden = product64(dropped, a, [rows, features, rank]);
  return {
    value: sum64(base.value, product64(hidden, b, [rows, rank, out]), scaling),
    gradient: (dy) => {
      const scaled = scaled64(dy, scaling);
      const dHidden = product64(scaled, transposed64(b, [rank, out]), [rows, out, rank]);
      return [
        ...base.gradient(dy),
        product64(dHidden, transposed64(a, [features, rank]), [rows, rank, features]),
        product64(transposed64(dropped, [rows, features]), dHidden, [features, rows, rank]),
        product64(transposed64(hidden, [rows, rank]), scaled, [rank, rows, out]),
      ];
    },
  };
}
