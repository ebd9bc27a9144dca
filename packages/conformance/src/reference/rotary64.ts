import type { Result64 } from './result64.js';

/** Turns feature i together with i + half by the angle of its position: `(x1 c - x2 s, x2 c + x1 s)`. */
export function rotary64(x: Float64Array, cos: ArrayLike<number>, sin: ArrayLike<number>, half: number): Result64 {
  return { value: turned(x, cos, sin, half, 1), gradient: (dy) => [turned(dy, cos, sin, half, -1)] };
}

function turned(
  x: Float64Array,
  cos: ArrayLike<number>,
  sin: ArrayLike<number>,
  half: number,
  way: 1 | -1,
): Float64Array {
  const result = new Float64Array(x.length);
  for (let from = 0; from < x.length; from += 2 * half) {
    const angles = ((from / 2) % cos.length) as number;
    for (let i = 0; i < half; i++) {
      const [c, s] = [cos[angles + i] as number, way * (sin[angles + i] as number)];
      const [x1, x2] = [x[from + i] as number, x[from + half + i] as number];
      result[from + i] = x1 * c - x2 * s;
      result[from + half + i] = x2 * c + x1 * s;
    }
  }
  return result;
}
