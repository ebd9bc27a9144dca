import { randomFloats } from '@lowrank/core';

/** `count` draws, each 1 with probability `density`, else 0; the same for the same seed. */
export function randomMask(count: number, density: number, seed: number): Uint8Array {
  const draws = randomFloats(count, { distribution: 'uniform', seed });
  return Uint8Array.from(draws, (draw) => (draw < 2 * density - 1 ? 1 : 0));
}
