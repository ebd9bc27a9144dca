import { LowrankError } from '@lowrank/core';

/** `data-invalid`. @param where a file, with the line where there is one */
export function dataError(where: string, rule: string, fix: string, cause?: unknown): LowrankError {
  return new LowrankError('data-invalid', { given: where, rule, fix, cause });
}

/** What messages call a value of JSON. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
