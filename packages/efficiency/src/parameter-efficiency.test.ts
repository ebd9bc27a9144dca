import { parameterEfficiency } from '@lowrank/efficiency';
import { describe, expect, it } from '@lowrank/testing';

describe('parameterEfficiency', () => {
  it('counts r (in + out) against in · out, square or not', () => {
    expect(parameterEfficiency(768, 768, 16)).toEqual({
      baseParameters: 589824,
      adapterParameters: 24576,
      reductionPercent: 100 * (1 - 24576 / 589824),
      compression: 24,
    });
    expect(parameterEfficiency(100, 30, 2)).toMatchObject({ baseParameters: 3000, adapterParameters: 260 });
  });

  it.each([
    [4, 99.2, 128],
    [8, 98.4, 64],
    [16, 96.9, 32],
    [32, 93.8, 16],
  ])('gives the known figures of a 1024 x 1024 layer at rank %i', (rank, percent, times) => {
    const { reductionPercent, compression } = parameterEfficiency(1024, 1024, rank);
    expect(Number(reductionPercent.toFixed(1))).toBe(percent);
    expect(compression).toBe(times);
  });

  it('gives 98.96 % and 96 times for rank 4 at 768 x 768', () => {
    const { reductionPercent, compression } = parameterEfficiency(768, 768, 4);
    expect([Number(reductionPercent.toFixed(2)), compression]).toEqual([98.96, 96]);
  });

  it('says so when the adapter is the larger one', () => {
    const { reductionPercent, compression } = parameterEfficiency(4, 4, 4);
    expect([reductionPercent, compression]).toEqual([-100, 0.5]);
  });

  for (const sizes of [
    [0, 4, 1],
    [4, -1, 1],
    [4, 4, 0],
    [4, 4, 1.5],
    [NaN, 4, 1],
  ] as [number, number, number][]) {
    it(`refuses ${sizes.join(', ')}`, () => {
      expect(() => parameterEfficiency(...sizes)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    });
  }
});
