import { describe, expect, it } from '@lowrank/testing';
import { classScores } from '@lowrank/trainer';

describe('classScores', () => {
  it('gives the share that agrees and the mean of the F1 of each class', () => {
    // True, predicted and both: class 0 three, two, two; class 1 two, two, one; class 2 one, two, one.
    const scores = classScores([0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 2, 1]);
    const f1 = [4 / 5, 2 / 4, 2 / 3];
    expect(scores.accuracy).toBeCloseTo(4 / 6, 12);
    expect(scores.macroF1).toBeCloseTo((f1[0]! + f1[1]! + f1[2]!) / 3, 12);
  });

  it('counts a class that is never right as 0, and not one that is nowhere', () => {
    expect(classScores([0, 0, 5], [0, 3, 0]).macroF1).toBeCloseTo((2 / 4 + 0 + 0) / 3, 12);
    expect(classScores([7], [7])).toEqual({ accuracy: 1, macroF1: 1 });
  });

  it('is not a number of nothing', () => {
    expect(classScores([], [])).toEqual({ accuracy: NaN, macroF1: NaN });
  });
});
