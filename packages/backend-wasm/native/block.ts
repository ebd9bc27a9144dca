// Where things lie in the block of memory that a team shares, in bytes from its start.

/** A job's arguments. */
export const ARGS: usize = 320;

/** The members' own memory, for each so many bytes. */
export const OWN: usize = 1024;
export const OWN_BYTES: usize = 512;

/** Which member of the team runs a task, 0 for the caller of jobs. */
export function memberOf(args: usize, own: usize): usize {
  return (own - args - (OWN - ARGS)) / OWN_BYTES;
}
