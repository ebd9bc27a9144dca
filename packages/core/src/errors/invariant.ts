/** Stops on a bug of ours; a user's mistake is a `LowrankError`. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`lowrank bug: ${message}`);
}
