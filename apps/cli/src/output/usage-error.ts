import { LowrankError, type ErrorFacts } from '@lowrank/core/plan';

/** Marks an error as one of what was typed, not of what was done: exit code 2. */
export class UsageError extends Error {
  constructor(cause: unknown) {
    super('usage', { cause });
    this.name = 'UsageError';
  }
}

/** A usage error of our own making. */
export function wrongOption(facts: ErrorFacts): UsageError {
  return new UsageError(new LowrankError('config-invalid', facts));
}

/** Runs `check` over what was typed: an error that it throws becomes a usage error. */
export function typed<Value>(check: () => Value): Value {
  try {
    return check();
  } catch (error) {
    throw LowrankError.is(error) ? new UsageError(error) : error;
  }
}
