import { LowrankError } from '@lowrank/core';

/** What `work` throws; fails when it throws nothing, or anything but a `LowrankError`. */
export async function errorOf(work: () => unknown): Promise<LowrankError> {
  let error: unknown;
  try {
    await work();
  } catch (reason) {
    error = reason;
  }
  if (LowrankError.is(error)) return error;
  throw new Error('no LowrankError was thrown', { cause: error });
}
