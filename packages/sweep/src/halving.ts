/** Which trials go on, and how far. */
export interface Halving {
  /** Steps that every trial gets. */
  minSteps: number;
  /** Steps of those that are never stopped. */
  steps: number;
  /** One in so many goes on, with so many times the steps. Default 3. */
  eta?: number | undefined;
  /** Whether trials go on as soon as they are among the best so far, and not once all of their rung are there. */
  asynchronous?: boolean | undefined;
}

/** Steps at which trials are judged, the last of which is `steps`. */
export function rungsOf({ minSteps, steps, eta = 3 }: Halving): number[] {
  const rungs: number[] = [];
  for (let rung = minSteps; rung < steps; rung *= eta) rungs.push(Math.round(rung));
  return [...rungs, steps];
}

/** A rung of the ladder: who is on it. */
export interface Rung {
  /** By number, whether they are there yet or not. */
  members: readonly number[];
  /** What each that is there has come to; Infinity for one that failed. */
  losses: ReadonlyMap<number, number>;
  /** Whether no one joins any more. */
  closed: boolean;
}

/**
 * The trials that go beyond a rung: the best one in `eta`, at least one once all are there. Of equals the earlier trial
 * is better.
 *
 * @see Jamieson and Talwalkar 2016, https://arxiv.org/abs/1502.07943; asynchronous, Li et al. 2020,
 *   https://arxiv.org/abs/1810.05934
 */
export function promoted({ members, losses, closed }: Rung, { eta = 3, asynchronous = false }: Halving): number[] {
  const there = members.filter((trial) => losses.has(trial));
  const whole = closed && there.length === members.length;
  if (!whole && !asynchronous) return [];
  const able = there.filter((trial) => losses.get(trial) !== Infinity);
  const best = able.sort((left, right) => losses.get(left)! - losses.get(right)! || left - right);
  const count = Math.floor(there.length / eta);
  return best.slice(0, whole ? Math.max(1, count) : count);
}
