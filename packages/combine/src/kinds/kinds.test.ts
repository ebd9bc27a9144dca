import { describe, expect, it } from '@lowrank/testing';
import { electedMean, weightedSum } from './join.js';
import { largestKept, masked } from './prune.js';
import { randomMask } from './random-mask.js';

const of = (...values: number[]) => Float64Array.from(values);

describe('pruning', () => {
  it('keeps the largest in size, the count rounded down, the first of equal ones', () => {
    expect([...largestKept(of(1, -5, 3, -2, 4), 0.5)]).toEqual([0, -5, 0, 0, 4]);
    expect([...largestKept(of(2, -2, 2, 1), 0.5)]).toEqual([2, -2, 0, 0]);
    expect([...largestKept(of(1, 2), 0.4)]).toEqual([0, 0]);
  });

  it('by chance keeps a share of the density, for each adapter another, and the sum on average', () => {
    const count = 40_000;
    const mask = randomMask(0.3, 5);
    const [one, other] = [mask('x', 0, count), mask('x', 1, count)];
    const values = new Float64Array(count).fill(2);
    const sum = masked(values, one, 0.3).reduce((total, value) => total + value, 0);
    // Five deviations of a binomial: sqrt(0.3 * 0.7 / 40,000) = 0.0023.
    expect(Math.abs(sum / (2 * count) - 1)).toBeLessThan((5 * 0.0023) / 0.3);
    const both = Array.from(one).filter((kept, at) => kept === 1 && other[at] === 1).length;
    expect(Math.abs(both / count - 0.09)).toBeLessThan(5 * Math.sqrt((0.09 * 0.91) / count));
    expect(randomMask(0.3, 5)('x', 0, count)).toEqual(one);
    expect(randomMask(0.3, 6)('x', 0, count)).not.toEqual(one);
  });
});

describe('joining', () => {
  const tensors = [of(1, -4, 2, 0), of(2, 3, -1, 0), of(-1, 2, -3, 0)];

  it('sums', () => {
    expect([...weightedSum(tensors, [1, 2, -1])]).toEqual([6, 0, 3, 0]);
  });

  it('takes the mean of what has the sign of the sum, or of most values', () => {
    const [total, frequency] = (['total', 'frequency'] as const).map((sign) => [
      ...electedMean(tensors, [1, 1, 1], sign),
    ]);
    expect(total).toEqual([1.5, 2.5, -2, 0]);
    expect(frequency).toEqual([1.5, 2.5, -2, 0]);
    const apart = [of(-9), of(1), of(2)];
    expect(electedMean(apart, [1, 1, 1], 'total')[0]).toBe(-9);
    expect(electedMean(apart, [1, 1, 1], 'frequency')[0]).toBe(1.5);
  });

  it('elects signs before weights count, and plus where they cancel', () => {
    expect(electedMean([of(3), of(-3)], [1, 1], 'total')[0]).toBe(3);
    expect(electedMean([of(3), of(3)], [1, -1], 'total')[0]).toBe(0);
  });
});
