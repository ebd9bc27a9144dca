import { codebooks } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

// As bitsandbytes 0.45.0 publishes them: functional.get_4bit_type('nf4').
const published = [
  -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
];

describe('codebooks', () => {
  it("has NF4's values as bitsandbytes has them, to the bit", () => {
    expect([...codebooks.nf4]).toEqual(published.map(Math.fround));
  });

  it("has NF4's values as the quantiles of a normal distribution that the paper makes them of", () => {
    const offset = 0.9677083; // bitsandbytes' create_normal_map
    const between = (count: number) =>
      Array.from({ length: count - 1 }, (_, at) => offset + ((0.5 - offset) * at) / (count - 1));
    const values = [...between(9).map(quantile), 0, ...between(8).map((share) => -quantile(share))].toSorted(
      (a, b) => a - b,
    );
    const most = Math.max(...values);
    values.forEach((value, code) => expect(codebooks.nf4[code]).toBeCloseTo(value / most, 6));
    expect(values).toHaveLength(16);
  });

  it('has for q4 the integers from -8 to 7', () => {
    expect([...codebooks.q4]).toEqual([-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

/** Where the normal distribution's sum reaches `share`, by halving. */
function quantile(share: number): number {
  let [low, high] = [-6, 6];
  for (let turn = 0; turn < 60; turn++) {
    const middle = (low + high) / 2;
    if (normalSum(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}

/** `Φ(x)` by its series: for sizes below 6. */
function normalSum(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
