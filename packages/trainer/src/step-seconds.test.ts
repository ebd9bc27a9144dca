import { describe, expect, it } from '@lowrank/testing';
import { stepSeconds } from '@lowrank/trainer';
import type { TokenBatch } from '@lowrank/core';
import { scalar, square, tidy, variable, type Scalar } from '@tensorflow/tfjs-core';

describe('stepSeconds', () => {
  const measured = async (limits: { most: number; seconds: number }, waitOf: (step: number) => number) => {
    const value = tidy(() => variable(scalar(1)));
    const seen: TokenBatch[] = [];
    const parameters = [{ name: 'value', role: 'bias', variable: value }] as never;
    const loss = (batch: TokenBatch) => {
      const end = performance.now() + waitOf(seen.push(batch));
      while (performance.now() < end);
      return square(value) as Scalar;
    };
    try {
      const seconds = await stepSeconds({ parameters, loss, shape: { batch: 2, seq: 5 }, vocabSize: 9, ...limits });
      return { seconds, seen };
    } finally {
      value.dispose();
    }
  };

  it('is the time of steps that have settled', async () => {
    const { seconds, seen } = await measured({ most: 9, seconds: 60 }, (step) => (step <= 3 ? 80 : 10));
    expect(seen).toHaveLength(9);
    expect(seconds).toBeGreaterThanOrEqual(0.01);
    expect(seconds).toBeLessThan(0.08);
    expect(seen[0]).toMatchObject({ batch: 2, seq: 5 });
    expect(Math.max(...seen[0]!.ids)).toBeLessThan(9);
  });

  it('takes six steps where there is no time for more', async () => {
    expect((await measured({ most: 100, seconds: 0 }, () => 0)).seen).toHaveLength(6);
  });
});
