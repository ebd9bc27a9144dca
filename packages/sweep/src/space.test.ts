import { describe, errorOf, expect, it } from '@lowrank/testing';
import { gridTrials, randomTrials, trialId } from '@lowrank/sweep';

describe('gridTrials', () => {
  it('is every combination, the last changing fastest, over what is the same for all', () => {
    const space = { rank: [4, 8], learningRate: { min: 0.1, max: 0.3, step: 0.1 } };
    const trials = gridTrials(space, { model: 'tiny' });
    expect(trials.map(({ rank, learningRate }) => [rank, Number((learningRate as number).toFixed(6))])).toEqual([
      [4, 0.1],
      [4, 0.2],
      [4, 0.3],
      [8, 0.1],
      [8, 0.2],
      [8, 0.3],
    ]);
    expect(trials.every(({ model }) => model === 'tiny')).toBe(true);
  });
});

describe('randomTrials', () => {
  const space = { rank: [1, 2, 4, 8, 16], learningRate: { min: 1e-4, max: 1e-2, scale: 'log' as const } };

  it('keeps to its ranges, evenly on their scale, and gives the same for the same seed', () => {
    const trials = randomTrials(space, {}, { count: 2000, seed: 1 });
    const rates = trials.map(({ learningRate }) => learningRate as number);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
    // Half of a log scale is below its middle; a binomial of 2,000 is within 100 of half but once in 100,000 times.
    expect(Math.abs(rates.filter((rate) => rate < 1e-3).length - 1000)).toBeLessThan(100);
    for (const rank of space.rank)
      expect(Math.abs(trials.filter((trial) => trial['rank'] === rank).length - 400)).toBeLessThan(90);
    expect(randomTrials(space, {}, { count: 2000, seed: 1 })).toEqual(trials);
  });

  it('changes no draw for one more option or one more trial', () => {
    const few = randomTrials(space, {}, { count: 5, seed: 3 });
    const more = randomTrials({ ...space, dropout: [0, 0.1] }, {}, { count: 9, seed: 3 });
    expect(more.slice(0, 5).map(({ dropout: _, ...trial }) => trial)).toEqual(few);
  });

  it('has each trial once, and no more than there are', () => {
    const trials = randomTrials({ rank: [1, 2], seed: [0, 1] }, {}, { count: 50, seed: 0 });
    expect(new Set(trials.map(trialId)).size).toBe(4);
  });
});

describe('trialId', () => {
  it('is the same in whatever order options stand, and another for another value', () => {
    expect(trialId({ rank: 4, data: ['a', 'b'] })).toBe(trialId({ data: ['a', 'b'], rank: 4 }));
    expect(trialId({ rank: 4, data: ['a', 'b'] })).not.toBe(trialId({ rank: 4, data: ['b', 'a'] }));
    expect(trialId({ rank: 4 })).not.toBe(trialId({ rank: '4' }));
  });
});

describe('a space that cannot be', () => {
  for (const [name, space] of Object.entries({
    'is empty': {},
    'has no choices': { rank: [] },
    'has a range upside down': { alpha: { min: 2, max: 1 } },
    'has a log scale from 0': { alpha: { min: 0, max: 1, scale: 'log' as const } },
    'has a range in a grid': { alpha: { min: 0, max: 1 } },
    'has a step of 0': { alpha: { min: 0, max: 1, step: 0 } },
    'has a misspelt key': { alpha: { min: 0, max: 1, scal: 'log' } as never },
  })) {
    it(`${name}: refused by name`, async () => {
      const error = await errorOf(() => gridTrials(space, {}));
      expect(error).toMatchObject({ code: 'config-invalid', given: expect.stringContaining('search') });
    });
  }
});
