import { dot, eachRow, type Result64 } from './result64.js';

/** `y = x · r · weight`, `r = 1 / √(mean(x²) + ε)`. */
export function rmsNorm64(x: Float64Array, weight: ArrayLike<number>, epsilon: number): Result64 {
  const hidden = weight.length;
  const inverse = (row: Float64Array) => 1 / Math.sqrt(dot(row, row) / hidden + epsilon);
  return {
    value: eachRow(x, hidden, (row) => {
      const r = inverse(row);
      return row.map((value, index) => value * r * (weight[index] as number));
    }),
    gradient: (dy) => [
      eachRow(x, hidden, (row, at) => {
        const r = inverse(row);
        const g = weighted(dy, weight, at);
        const along = (dot(g, row) * r * r) / hidden;
        return row.map((value, index) => r * ((g[index] as number) - value * along));
      }),
    ],
  };
}

/** `y = z · weight + bias`, `z = (x - mean(x)) / √(variance(x) + ε)`. */
export function layerNorm64(
  x: Float64Array,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  epsilon: number,
): Result64 {
  const hidden = weight.length;
  const parts = (row: Float64Array) => {
    const centre = mean(row);
    const apart = row.map((value) => value - centre);
    const r = 1 / Math.sqrt(dot(apart, apart) / hidden + epsilon);
    return { r, z: apart.map((value) => value * r) };
  };
  return {
    value: eachRow(x, hidden, (row) =>
      parts(row).z.map((value, index) => value * (weight[index] as number) + (bias[index] as number)),
    ),
    gradient: (dy) => [
      eachRow(x, hidden, (row, at) => {
        const { r, z } = parts(row);
        const g = weighted(dy, weight, at);
        const [level, along] = [mean(g), dot(g, z) / hidden];
        return g.map((value, index) => r * (value - level - (z[index] as number) * along));
      }),
    ],
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Row `at` of dy times the weight. */
function weighted(dy: Float64Array, weight: ArrayLike<number>, at: number): Float64Array {
  const row = dy.subarray(at * weight.length, (at + 1) * weight.length);
  return row.map((value, index) => value * (weight[index] as number));
}
