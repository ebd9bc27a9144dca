import { LowrankError } from '@lowrank/core';

/** Throws `shape-mismatch` for a sequence beyond what the model's positions reach. */
export function checkLength(positions: number, maxPositions: number): void {
  if (positions <= maxPositions) return;
  throw new LowrankError('shape-mismatch', {
    given: `a sequence of ${positions} positions`,
    rule: `the model reads at most ${maxPositions} (max_position_embeddings)`,
    fix: 'shorten the sequence',
  });
}
