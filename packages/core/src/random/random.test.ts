import { deriveSeed, randomFloats } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

describe('randomness', () => {
  it('pins the first values of a seed, so that a seed means the same in every release', () => {
    expect([...randomFloats(3, { distribution: 'uniform', seed: 42 })]).toMatchInlineSnapshot(`
      [
        0.9999987483024597,
        0.7516837120056152,
        -0.9216036200523376,
      ]
    `);
  });

  it('derives unlike seeds for unlike names and runs', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `model.layers.${index}.q_proj`);
    const seeds = new Set([...names.map((name) => deriveSeed(1, name)), ...names.map((name) => deriveSeed(2, name))]);
    expect(seeds.size).toBe(2000);
  });
});
