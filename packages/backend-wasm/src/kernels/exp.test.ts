import { describe, expect, it } from '@lowrank/testing';
import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { exp, tensor1d } from '@tensorflow/tfjs-core';

describe('exp on wasm', () => {
  it('is within 2.5 in 10^7 of float64 wherever a float32 has all its digits, and within a step of it below', async () => {
    await useBackend(wasm());
    const xs = Float32Array.from({ length: 200_003 }, (_, index) => -104 + (index * 193) / 200_002);
    const x = tensor1d(xs);
    const y = exp(x);
    const got = y.dataSync();
    let worst = 0;
    for (let index = 0; index < xs.length; index++) {
      const want = Math.exp(xs[index] as number);
      const off = Math.abs((got[index] as number) - want);
      if (want > 3.4028234663852886e38) expect(got[index]).toBe(Infinity);
      else if (want < 2 ** -126) expect(off).toBeLessThanOrEqual(2 ** -149 + want * 2.5e-7);
      else worst = Math.max(worst, off / want);
    }
    expect(worst).toBeLessThan(2.5e-7);
    for (const each of [x, y]) each.dispose();
  });

  it('is exact at the ends, in every lane and in what fours leave over', async () => {
    await useBackend(wasm());
    const [xs, want] = [
      [-Infinity, -1e30, -105, 0, Infinity, 1e30, 90],
      [0, 0, 0, 1, Infinity, Infinity, Infinity],
    ];
    for (let shift = 0; shift < 7; shift++) {
      const x = tensor1d([...xs.slice(shift), ...xs.slice(0, shift)]);
      const y = exp(x);
      expect([...y.dataSync()]).toEqual([...want.slice(shift), ...want.slice(0, shift)]);
      for (const each of [x, y]) each.dispose();
    }
    const nan = tensor1d([Number.NaN, 1]);
    const y = exp(nan);
    expect(y.dataSync()[0]).toBeNaN();
    for (const each of [nan, y]) each.dispose();
  });
});
