import { gelu, useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { describe, expect, it } from '@lowrank/testing';
import { grad, ones, tensor1d, tidy } from '@tensorflow/tfjs-core';

describe('gelu on wasm', () => {
  it('and its gradient are within 5 in 10^7 of float64 from -12 to 12', async () => {
    await useBackend(wasm());
    const xs = Float32Array.from({ length: 40_003 }, (_, index) => -12 + (24 * index) / 40_002);
    const [values, slopes] = tidy(() => {
      const x = tensor1d(xs);
      return [gelu(x).dataSync(), grad((x) => gelu(x))(x, ones(x.shape)).dataSync()];
    });
    let [worst, worstSlope] = [0, 0];
    xs.forEach((x, index) => {
      const share = normalShare(x);
      worst = Math.max(worst, Math.abs((values[index] as number) - x * share) / Math.max(1, Math.abs(x)));
      const slope = share + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
      worstSlope = Math.max(worstSlope, Math.abs((slopes[index] as number) - slope));
    });
    expect(worst).toBeLessThan(5e-7);
    expect(worstSlope).toBeLessThan(5e-7);
  });
});

/** Φ in float64: its series near 0, the continued fraction of its tail beyond. */
function normalShare(x: number): number {
  const [size, density] = [Math.abs(x), Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)];
  if (size < 3) {
    let [term, sum] = [size, size];
    for (let n = 1; n < 60; n++) sum += term *= (size * size) / (2 * n + 1);
    return x < 0 ? 0.5 - density * sum : 0.5 + density * sum;
  }
  let fraction = size;
  for (let n = 60; n > 0; n--) fraction = size + n / fraction;
  return x < 0 ? density / fraction : 1 - density / fraction;
}
