import { LowrankError, useBackend } from '@lowrank/core';
import { cpu, describe, errorOf, expect, it } from '@lowrank/testing';
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

  it('refuses what is no backend, and says what one is', async () => {
    await useBackend(cpu());
    for (const [wrong, given] of [
      ['webgl', 'backend "webgl"'],
      [undefined, 'backend "undefined"'],
      [null, 'backend null'],
      [{ name: 'acme' }, 'backend {"name":"acme"}'],
      [{ ...cpu(), name: 'my_cpu' }, 'backend {"name":"my_cpu"}'],
    ] as const) {
      const error = await errorOf(() => useBackend(wrong as never));
      expect(error).toMatchObject({ code: 'backend-unavailable', given });
      expect(error.rule).toContain('no underscore');
      expect(error.fix).toContain('useBackend(wasm())');
    }
    expect(getBackend()).toBe('cpu');
  });
});
