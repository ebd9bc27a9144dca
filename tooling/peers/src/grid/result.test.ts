import { LowrankError } from '@lowrank/core';
import { describe, expect, test } from 'vitest';
import { difference } from './difference.js';
import { resultOf } from './result.js';

const refusal = async () => {
  throw new LowrankError('config-unsupported', { given: 'use_dora', rule: 'it is not done', fix: 'leave it out' });
};

describe('a case', () => {
  test('passes up to its tolerance', async () => {
    expect(await resultOf('load', 'x', async () => 1e-4)).toMatchObject({
      id: 'load/x',
      status: 'passed',
      difference: 1e-4,
    });
  });

  test('fails beyond it, for what is no number, and when something is thrown', async () => {
    for (const check of [async () => 1.1e-4, async () => NaN, async () => Promise.reject(new Error('no'))]) {
      expect(await resultOf('load', 'x', check)).toMatchObject({ status: 'failed' });
    }
  });

  test('is refused only by the name that it waits for', async () => {
    expect(await resultOf('load', 'x', refusal, 'use_dora')).toMatchObject({ status: 'refused' });
    expect(await resultOf('load', 'x', refusal, 'lora_bias')).toMatchObject({ status: 'failed' });
    expect(await resultOf('load', 'x', refusal)).toMatchObject({ status: 'failed' });
    expect(await resultOf('load', 'x', async () => 0, 'use_dora')).toMatchObject({ status: 'failed' });
  });
});

describe('a difference', () => {
  test('is relative to the largest of what it is held against', () => {
    expect(difference([1, 2.5], [1, 2])).toBeCloseTo(0.25, 12);
    expect(difference([1, 2.5], [1, 2], 5)).toBeCloseTo(0.1, 12);
    expect(difference([0, 0], [0, 0])).toBe(0);
  });

  test('is without bound for another length, and no number where one is none', () => {
    expect(difference([1], [1, 2])).toBe(Infinity);
    expect(difference([NaN, 0], [1, 2])).toBeNaN();
  });
});
