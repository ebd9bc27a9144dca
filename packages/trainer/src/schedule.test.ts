import { describe, expect, expectClose, it } from '@lowrank/testing';
import { learningRateAt, type Schedule } from '@lowrank/trainer';

const rates = (schedule: Schedule) =>
  Array.from({ length: schedule.steps }, (_, index) => learningRateAt(index + 1, schedule));
const because = 'float64 arithmetic';

describe('learningRateAt', () => {
  it('rises on a line to the peak, then falls on half a cosine', () => {
    const found = rates({ steps: 8, learningRate: 4, warmupSteps: 3, finalLearningRate: 0 });
    const cosine = [0, 1, 2, 3, 4].map((done) => 2 * (1 + Math.cos((Math.PI * done) / 5)));
    expectClose(found, [1, 2, 3, ...cosine], { atol: 1e-12, because });
  });

  it('heads for its share of the peak', () => {
    const found = rates({ steps: 4, learningRate: 1, warmupSteps: 0, finalLearningRate: 0.2 });
    expectClose(found, [1, 0.2 + 0.4 * (1 + Math.SQRT1_2), 0.6, 0.2 + 0.4 * (1 - Math.SQRT1_2)], {
      atol: 1e-12,
      because,
    });
    expect(rates({ steps: 3, learningRate: 2, warmupSteps: 0, finalLearningRate: 1 })).toEqual([2, 2, 2]);
  });

  it('spends no update at a rate of 0, however short the run', () => {
    for (const [steps, warmupSteps] of [
      [1, 0],
      [1, 1],
      [2, 2],
      [5, 1],
    ] as const) {
      const found = rates({ steps, learningRate: 1, warmupSteps, finalLearningRate: 0 });
      expect(Math.min(...found)).toBeGreaterThan(0);
      expect(Math.max(...found)).toBeLessThanOrEqual(1);
    }
  });
});
