import type { PlannedModule } from '@lowrank/core';

/** A convolution's rank is a multiple of its groups. */
export function smallestRank({ groups = 1 }: PlannedModule): number {
  return groups;
}

/** A higher rank adds no direction to an update: `min(in, out)`, with a convolution's kernel in `in`. */
export function largestRank({ in: from, out, kernel = [], groups = 1 }: PlannedModule): number {
  const side = Math.min(
    kernel.reduce((product, length) => product * length, from),
    out,
  );
  return Math.max(groups, side - (side % groups));
}
