import { LowrankError } from '../errors/lowrank-error.js';

/** Throws `shape-mismatch` unless an argument has the shape that the others ask for. */
export function requireShape(op: string, name: string, given: { shape: number[] } | undefined, shape: number[]): void {
  if (!given || (given.shape.length === shape.length && given.shape.every((side, axis) => side === shape[axis])))
    return;
  throw new LowrankError('shape-mismatch', {
    given: `${op}: ${name} of shape [${given.shape.join(', ')}]`,
    rule: `beside the other arguments it must be [${shape.join(', ')}]`,
    fix: 'give tensors that belong to one layer',
  });
}
