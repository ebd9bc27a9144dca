import type { ErrorCode } from './codes.js';

const brand = Symbol.for('lowrank.error');

export interface ErrorFacts {
  /** The input as it was given, naming file, key or layer. */
  given: string;
  /** The rule it breaks. */
  rule: string;
  /** What to do instead. */
  fix: string;
  cause?: unknown;
}

/** The one error class: a stable code and three facts. Found by brand, so two installed copies agree. */
export class LowrankError extends Error {
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly given: string;
  readonly rule: string;
  readonly fix: string;

  constructor(code: ErrorCode, { given, rule, fix, cause }: ErrorFacts) {
    super(`${given}: ${rule}; ${fix}`, cause === undefined ? undefined : { cause });
    this.name = 'LowrankError';
    this.code = code;
    this.given = given;
    this.rule = rule;
    this.fix = fix;
  }

  /** Whether `error` is a lowrank error, and of this `code` when one is named. */
  static is(error: unknown, code?: ErrorCode): error is LowrankError {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return code === undefined || (error as LowrankError).code === code;
  }
}
