import type { AdapterPlan } from '@lowrank/core';

/** Multiplications of some five minutes. */
const most = 1.2e11;

/** A core does about so many in a second. */
const perSecond = 4e8;

/** Whether all singular values of a plan's weights are found soon, as their effective rank needs. */
export function findsAllSoon(plan: AdapterPlan): boolean {
  return multiplications(plan) <= most;
}

/** What to say where they are not. */
export function noEffectiveRank(plan: AdapterPlan): string {
  const minutes = Math.round(multiplications(plan) / perSecond / 60);
  return `no effective rank: it needs all singular values, which take some ${minutes} minutes of weights this large; weightSpectra of @lowrank/rank finds them`;
}

/** Golub and Kahan's, of the shorter and the longer side: `2 s² (l - s / 3)`. */
function multiplications({ modules }: AdapterPlan): number {
  return modules.reduce((sum, { baseParameters, out }) => {
    const [short, long] = [Math.min(baseParameters / out, out), Math.max(baseParameters / out, out)];
    return sum + 2 * short ** 2 * (long - short / 3);
  }, 0);
}
