import { LowrankError, type ErrorCode } from '@lowrank/core';
import { UsageError } from './usage-error.js';

/** What `work` gives; an error of one of these codes is one of what was typed. */
export async function byOptions<Value>(codes: ErrorCode[], work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw codes.some((code) => LowrankError.is(error, code)) ? new UsageError(error) : error;
  }
}
