import { initialA } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

const size = { in: 400, rank: 50 };

describe('initialA', () => {
  it('draws kaiming values evenly from ±1/sqrt(in), as PEFT does', () => {
    const a = initialA({ ...size, init: 'kaiming', seed: 3 });
    const bound = 1 / Math.sqrt(400);
    expect(a).toHaveLength(20_000);
    expect(Math.max(...a)).toBeLessThanOrEqual(bound);
    expect(Math.max(...a)).toBeGreaterThan(bound * 0.999);
    expect(Math.min(...a)).toBeLessThan(-bound * 0.999);
    const { mean, deviation } = moments(a);
    expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * 20_000));
    expect(deviation / (bound / Math.sqrt(3))).toBeCloseTo(1, 1.5);
  });

  it('draws gaussian values with deviation 1 / rank, as PEFT does', () => {
    const { mean, deviation } = moments(initialA({ ...size, init: 'gaussian', seed: 3 }));
    expect(Math.abs(mean)).toBeLessThan(4 / 50 / Math.sqrt(20_000));
    expect(deviation * 50).toBeCloseTo(1, 1.5);
  });

  it('gives the same values for the same seed and others for another', () => {
    const draw = (seed: number) => initialA({ in: 4, rank: 2, init: 'kaiming', seed });
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });
});

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
