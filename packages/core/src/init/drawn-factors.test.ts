import { drawnFactors, type DrawnFactorsOptions } from '@lowrank/core';
import { describe, expect, expectClose, it, matMul64 } from '@lowrank/testing';

const draw = (init: DrawnFactorsOptions['init'], change: Partial<DrawnFactorsOptions> = {}) =>
  drawnFactors({ in: 400, out: 300, rank: 50, init, seed: 3, ...change });

describe('drawnFactors', () => {
  it('draws kaiming values of A evenly from ±1/sqrt(in), as PEFT does, and B as zeros', () => {
    const { a, b } = draw('kaiming');
    expect(a).toHaveLength(20_000);
    expectEven(a, 1 / Math.sqrt(400));
    expect(b).toEqual(new Float32Array(50 * 300));
  });

  it('draws gaussian values of A with deviation 1 / rank, as PEFT does, and B as zeros', () => {
    const { a, b } = draw('gaussian');
    const { mean, deviation } = moments(a);
    expect(Math.abs(mean)).toBeLessThan(4 / 50 / Math.sqrt(20_000));
    expect(deviation * 50).toBeCloseTo(1, 1.5);
    expect(b).toEqual(new Float32Array(50 * 300));
  });

  it('draws both at random as a linear of PyTorch does its weight, each by its own inputs', () => {
    const { a, b } = draw('random');
    expectEven(a, 1 / Math.sqrt(400));
    expectEven(b, 1 / Math.sqrt(50));
  });

  it('draws orthogonal factors of deviation √(1/2) / 10, as PEFT does, whose product is 0', () => {
    const { a, b } = draw('orthogonal');
    for (const factor of [a, b]) {
      const { mean, deviation } = moments(factor);
      expect(Math.abs(mean)).toBeLessThan(0.005);
      expect(deviation * 10).toBeCloseTo(Math.SQRT1_2, 1.5);
    }
    const product = matMul64(a, b, [400, 50, 300]);
    expectClose(product, new Float64Array(product.length), { atol: 1e-7, because: 'factors of 0.07 in float32' });
  });

  it('gives the same values for the same seed and others for another', () => {
    for (const init of ['kaiming', 'gaussian', 'random', 'orthogonal'] as const) {
      const small = (seed: number) => draw(init, { in: 4, out: 3, rank: 2, seed });
      expect(small(5)).toEqual(small(5));
      expect(small(5).a).not.toEqual(small(6).a);
    }
  });

  it('refuses an odd rank with orthogonal, and a start that has to be computed', () => {
    expect(() => draw('orthogonal', { rank: 3 })).toThrow(/^rank 3 with init "orthogonal".*even.*rank 4/s);
    expect(() => draw('pissa')).toThrow(/^init "pissa" without a start.*initialFactors/s);
    expect(() => draw('olora')).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });
});

function expectEven(values: Float32Array, bound: number): void {
  expect(Math.max(...values)).toBeLessThanOrEqual(bound);
  expect(Math.max(...values)).toBeGreaterThan(bound * 0.999);
  expect(Math.min(...values)).toBeLessThan(-bound * 0.999);
  const { mean, deviation } = moments(values);
  expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * values.length));
  expect(deviation / (bound / Math.sqrt(3))).toBeCloseTo(1, 1.5);
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
