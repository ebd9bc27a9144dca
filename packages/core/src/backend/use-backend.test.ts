import { LowrankError, useBackend } from '@lowrank/core';
import { cpu, describe, expect, it } from '@lowrank/testing';
import { getBackend } from '@tensorflow/tfjs-core';

describe('useBackend', () => {
  it('makes the backend the active one', async () => {
    await useBackend(cpu());
    expect(getBackend()).toBe('cpu');
  });

  it('throws where tfjs would silently stay on another backend', async () => {
    await useBackend(cpu());
    const absent = { name: 'nowhere', init: async () => {}, capabilities: () => ({ threads: 1 }) };
    await expect(useBackend(absent)).rejects.toSatisfy((error) => LowrankError.is(error, 'backend-unavailable'));
    expect(getBackend()).toBe('cpu');
  });
});
