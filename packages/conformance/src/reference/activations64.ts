import { erf64 } from './erf64.js';
import type { Result64 } from './result64.js';

/** `x Φ(x)`, with Φ by the error function or by GPT-2's hyperbolic tangent. */
export function gelu64(x: Float64Array, approximate: 'none' | 'tanh'): Result64 {
  const { share, slope } = approximate === 'tanh' ? byTanh : exact;
  return {
    value: x.map((value) => value * share(value)),
    gradient: (dy) => [x.map((value, index) => (dy[index] as number) * (share(value) + value * slope(value)))],
  };
}

/** Φ and its derivative. */
const exact = {
  share: (x: number) => (1 + erf64(x / Math.SQRT2)) / 2,
  slope: (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI),
};

const root = Math.sqrt(2 / Math.PI);

const byTanh = {
  share: (x: number) => (1 + Math.tanh(root * (x + 0.044715 * x ** 3))) / 2,
  slope: (x: number) => {
    const t = Math.tanh(root * (x + 0.044715 * x ** 3));
    return ((1 - t * t) * root * (1 + 3 * 0.044715 * x * x)) / 2;
  },
};

/** `g σ(g) · up`. */
export function swiglu64(gate: Float64Array, up: Float64Array): Result64 {
  const sigmoid = (g: number) => 1 / (1 + Math.exp(-g));
  return {
    value: gate.map((g, index) => g * sigmoid(g) * (up[index] as number)),
    gradient: (dy) => [
      gate.map((g, index) => {
        const s = sigmoid(g);
        return (dy[index] as number) * (up[index] as number) * (s + g * s * (1 - s));
      }),
      gate.map((g, index) => (dy[index] as number) * g * sigmoid(g)),
    ],
  };
}

/** `x + y`. */
export function residual64(x: Float64Array, y: Float64Array): Result64 {
  return { value: x.map((value, index) => value + (y[index] as number)), gradient: (dy) => [dy, dy] };
}
