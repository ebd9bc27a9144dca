import { randomFloats } from '@lowrank/core';

/** Numbers of a shape, as a backend is given them. */
export interface Values {
  shape: number[];
  data: Float32Array;
}

/** How many numbers a shape holds. */
function sizeOf(shape: number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Seeded normal numbers of deviation `scale`, the same on every machine. */
export function randn(shape: number[], seed: number, scale = 1): Values {
  const data = randomFloats(sizeOf(shape), { distribution: 'normal', seed });
  return { shape, data: data.map((value) => value * scale) };
}

/** A shape filled with `pattern`, over and over. */
export function repeated(shape: number[], pattern: number[]): Values {
  const at = (_: unknown, index: number) => pattern[index % pattern.length] as number;
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, at) };
}
