import type { PlannedModule } from '@lowrank/core/plan';

/** Parameters that one more rank costs a module: `in + out`, of a convolution `kernel · in + out / groups`. */
export function perRank({ in: from, out, kernel = [], groups = 1 }: PlannedModule): number {
  return kernel.reduce((product, side) => product * side, from) + out / groups;
}
