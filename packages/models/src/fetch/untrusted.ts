import { LowrankError } from '@lowrank/core';

/** `file-invalid` for what no honest hub says. */
export function untrusted(given: string, rule: string): LowrankError {
  return new LowrankError('file-invalid', { given, rule, fix: 'do not trust this repository, or its mirror' });
}
