import { randomFloats } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { budgetAt } from './budget-schedule.js';
import { keptComponents } from './kept-components.js';

const drawn = (seed: number, count: number) => {
  const values = randomFloats(2 * count, { distribution: 'uniform', seed });
  return Array.from({ length: count }, (_, at) => ({
    score: Math.abs(values[2 * at]!),
    cost: 1 + Math.floor(20 * Math.abs(values[2 * at + 1]!)),
  }));
};

describe('keptComponents', () => {
  it('never goes above the budget, and leaves out only what no longer fits', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const components = drawn(seed, 1 + (seed % 30));
      const budget = seed % 97;
      const kept = keptComponents(components, budget);
      const spent = components.reduce((sum, { cost }, at) => sum + (kept[at] ? cost : 0), 0);
      expect(spent).toBeLessThanOrEqual(budget);
      for (const [at, { cost }] of components.entries()) if (!kept[at]) expect(spent + cost).toBeGreaterThan(budget);
    }
  });

  it('of components of one size keeps the highest scores, and keeps them with more budget too', () => {
    const components = drawn(3, 24).map(({ score }) => ({ score, cost: 7 }));
    const best = components.map(({ score }) => score).toSorted((a, b) => b - a);
    let before = components.map(() => false);
    for (let count = 0; count <= 24; count++) {
      const kept = keptComponents(components, 7 * count + 6);
      expect(components.map(({ score }) => best.indexOf(score) < count)).toEqual(kept);
      expect(before.every((was, at) => !was || kept[at])).toBe(true);
      before = kept;
    }
  });

  it('of equal scores keeps the first', () => {
    const equal = Array.from({ length: 4 }, () => ({ score: 0, cost: 1 }));
    expect(keptComponents(equal, 2)).toEqual([true, true, false, false]);
  });
});

describe('budgetAt', () => {
  const schedule = { steps: 100, initialSteps: 10, finalSteps: 30, from: 960, to: 640 };

  it('is all at first, then falls by a cube to what is left in the end', () => {
    expect([1, 10, 11, 40, 69, 70, 71, 100].map((step) => budgetAt(step, schedule))).toEqual([
      960,
      960,
      Math.trunc(320 * (59 / 60) ** 3 + 640),
      680,
      640,
      640,
      640,
      640,
    ]);
  });

  it('never rises', () => {
    const budgets = Array.from({ length: 100 }, (_, at) => budgetAt(at + 1, schedule));
    expect(budgets).toEqual(budgets.toSorted((a, b) => b - a));
  });
});
