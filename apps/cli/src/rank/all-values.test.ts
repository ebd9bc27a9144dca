import { planAdapter } from '@lowrank/core';
import { presetOutline } from '@lowrank/models';
import { describe, expect, it } from '@lowrank/testing';
import { findsAllSoon, noEffectiveRank } from './all-values.js';

const planOf = (preset: string) => planAdapter({ targetModules: 'all-linear' }, presetOutline(preset).modules);

describe('all singular values of weights', () => {
  it('are found of a small model, and of a large one it is said how long they would take', () => {
    expect(findsAllSoon(planOf('bert-base'))).toBe(true);
    const large = planOf('llama-3-8b');
    expect(findsAllSoon(large)).toBe(false);
    const square = (short: number, long: number) => 2 * short ** 2 * (long - short / 3);
    const layer = 2 * square(4096, 4096) + 2 * square(1024, 4096) + 3 * square(4096, 14336);
    expect(noEffectiveRank(large)).toContain(`take some ${Math.round((32 * layer) / 4e8 / 60)} minutes`);
  });
});
