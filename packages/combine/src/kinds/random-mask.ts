import { deriveSeed, randomFloats } from '@lowrank/core';

/** What is kept by chance: `count` values, 1 or 0, for a tensor of the adapter at `place`. */
export type Mask = (tensor: string, place: number, count: number) => ArrayLike<number>;

/** Keeps each value with probability `density`; the same ones for the same seed. */
export function randomMask(density: number, seed: number): Mask {
  return (tensor, place, count) => {
    const draws = randomFloats(count, { distribution: 'uniform', seed: deriveSeed(seed, `${place}/${tensor}`) });
    return Uint8Array.from(draws, (draw) => (draw < 2 * density - 1 ? 1 : 0));
  };
}
