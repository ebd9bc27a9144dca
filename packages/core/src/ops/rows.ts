import { LowrankError } from '../errors/lowrank-error.js';

/** How many rows a tensor has when all its axes but the last are one. */
export function rowsOf(shape: number[]): number {
  return shape.slice(0, -1).reduce((product, side) => product * side, 1);
}

/** Throws `shape-mismatch` unless the last axis of x is what a weight takes. */
export function requireFeatures(op: string, shape: number[], features: number): void {
  if (shape.length > 0 && shape.at(-1) === features) return;
  throw new LowrankError('shape-mismatch', {
    given: `${op}: x of shape [${shape.join(', ')}]`,
    rule: `its last axis must be the ${features} that the weight takes`,
    fix: 'give it the output of the layer that comes before, or the weight that belongs to it',
  });
}
