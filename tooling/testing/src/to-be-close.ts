import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

export interface Tolerance {
  /** Largest difference allowed for values up to 1 in size; larger values scale it. */
  atol: number;
  /** Why this much and not less. */
  because: string;
}

/** Fails unless every value is within `atol * max(1, |expected|)`; says where the worst one is. */
export function expectClose(actual: Values, expected: Values, { atol, because }: Tolerance): void {
  const left = numbers(actual);
  const right = numbers(expected);
  expect(left.length, 'number of values').toBe(right.length);
  let worst = { index: -1, difference: 0 };
  for (let index = 0; index < left.length; index++) {
    const want = right[index] as number;
    const difference = Math.abs((left[index] as number) - want) / Math.max(1, Math.abs(want));
    if (!(difference <= worst.difference)) worst = { index, difference };
  }
  const message = `value ${worst.index}: ${left[worst.index]} where ${right[worst.index]} is expected (${because})`;
  expect(worst.difference, message).toBeLessThanOrEqual(atol);
}

type Values = Tensor | ArrayLike<number>;

function numbers(values: Values): ArrayLike<number> {
  return 'dataSync' in values ? (values as Tensor).dataSync() : values;
}
