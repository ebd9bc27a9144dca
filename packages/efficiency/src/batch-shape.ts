import { LowrankError } from '@lowrank/core/plan';

/** What goes through a model at a time. */
export interface BatchShape {
  /** Rows. */
  batch: number;
  /** Tokens of each row, padding included. */
  seq: number;
}

/** Throws `config-invalid` unless both are whole numbers of 1 or more, and no row is longer than the model's positions. */
export function checkedBatch({ batch, seq }: BatchShape, maxPositions: number): BatchShape {
  for (const [name, value] of Object.entries({ batch, seq })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new LowrankError('config-invalid', {
      given: `${name}: ${value}`,
      rule: 'a batch has a whole number of rows and of tokens a row, each 1 or more',
      fix: 'give a value that fits, such as batch 8, seq 128',
    });
  }
  if (seq <= maxPositions) return { batch, seq };
  throw new LowrankError('config-invalid', {
    given: `seq: ${seq}`,
    rule: `the model has ${maxPositions} positions`,
    fix: `give at most ${maxPositions}`,
  });
}
