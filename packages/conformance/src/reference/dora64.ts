import { loraLinear64, type Lora64 } from './lora-linear64.js';
import { product64, sum64 } from './matrix64.js';
import type { Result64 } from './result64.js';

/**
 * `y = (m / n) ∘ (x W + s x A B) + bias` for n the norms of the columns of `W + s A B`, which count as constants;
 * gradients of x, A, B and m.
 */
export function dora64(x: Float64Array, a: Float64Array, b: Float64Array, m: Float64Array, layer: Lora64): Result64 {
  const { bias, out } = layer;
  const plain = loraLinear64(x, x, a, b, { ...layer, bias: undefined });
  const norms = columnNorms64(a, b, layer);
  const scaled = (values: Float64Array) =>
    values.map((value, at) => (value * (m[at % out] as number)) / (norms[at % out] as number));
  return {
    value: bias ? sum64(scaled(plain.value), bias) : scaled(plain.value),
    gradient: (dy) => {
      const [dx, dInput, ...factors] = plain.gradient(scaled(dy)) as [Float64Array, Float64Array, ...Float64Array[]];
      const dm = new Float64Array(out);
      dy.forEach((slope, at) => (dm[at % out]! += (slope * (plain.value[at] as number)) / (norms[at % out] as number)));
      return [sum64(dx, dInput), ...factors, dm];
    },
  };
}

/** The norm of each column of `W + s A B`, at least 1e-30. */
export function columnNorms64(
  a: Float64Array,
  b: Float64Array,
  { weight, in: features, out, rank, scaling }: Lora64,
): Float64Array {
  const squares = new Float64Array(out);
  const updated = sum64(weight, product64(a, b, [features, rank, out]), scaling);
  updated.forEach((value, at) => (squares[at % out]! += value * value));
  return squares.map((square) => Math.max(Math.sqrt(square), 1e-30));
}
