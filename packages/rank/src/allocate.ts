/** Something to spend on, unit by unit: each costs the same and brings no more than the one before it. */
export interface Choice {
  /** Of one unit, above 0. */
  cost: number;
  /** What each further unit brings: none negative, none more than the one before. */
  gains: ArrayLike<number>;
}

/**
 * How many units of each choice bring most within `room`: a knapsack, solved exactly. Units of one cost are worth
 * taking in order of their gains, so all that is left to decide is how many of each cost to take: that is searched
 * depth first from the greedy answer outwards, and cut off where not even fractions of units would bring more. Of units
 * that bring the same the lower ones go first, then the choices in their order. Units that bring nothing are not taken.
 *
 * The search ends at `mostSteps`, far beyond what models need; what it then has falls short of the best by less than a
 * single unit.
 *
 * @returns counts, by choice
 * @see Kellerer, Pferschy and Pisinger 2004, Knapsack Problems, sections 2.4 and 3.1
 */
export function allocate(choices: readonly Choice[], room: number): number[] {
  const groups = groupsOf(choices);
  const bounds = groups.map((_, at) => boundOf(groups.slice(at + 1)));
  const best = { gain: -1, counts: groups.map(() => 0) };
  const counts = groups.map(() => 0);
  let steps = 0;

  const search = (at: number, left: number, gained: number): void => {
    const group = groups[at];
    if (group === undefined) {
      if (gained > best.gain * (1 + roundings)) Object.assign(best, { gain: gained, counts: [...counts] });
      return;
    }
    const most = Math.min(group.units.length, Math.floor(left / group.cost));
    const bound = (count: number) => gained + group.sums[count]! + bounds[at]!(left - count * group.cost);
    const promising = (count: number) => bound(count) > best.gain * (1 + roundings) && steps < mostSteps;
    const take = (count: number) => {
      steps++;
      counts[at] = count;
      search(at + 1, left - count * group.cost, gained + group.sums[count]!);
    };
    // The bound is concave in the count, so on each side of its peak the first that promises nothing ends the search.
    const peak = peakOf(bound, most);
    for (let count = peak; count >= 0 && (best.gain < 0 || promising(count)); count--) take(count);
    for (let count = peak + 1; count <= most && promising(count); count++) take(count);
  };
  search(0, room, 0);

  const taken = choices.map(() => 0);
  groups.forEach(({ units }, at) => {
    for (const { choice } of units.slice(0, best.counts[at])) taken[choice]!++;
  });
  return taken;
}

const mostSteps = 1_000_000;

/** Sums of the same gains in another order differ by so much at most. */
const roundings = 1e-12;

interface Unit {
  choice: number;
  level: number;
  gain: number;
  cost: number;
}

interface Group {
  cost: number;
  /** Of all choices of this cost, what brings most first. */
  units: Unit[];
  /** What the first so many bring together. */
  sums: Float64Array;
}

/** The dearest first: what is left in the end is filled by the cheapest. */
function groupsOf(choices: readonly Choice[]): Group[] {
  const costs = [...new Set(choices.map(({ cost }) => cost))].sort((left, right) => right - left);
  return costs.map((cost) => {
    const units = choices
      .flatMap((choice, index) => (choice.cost === cost ? unitsOf(choice, index) : []))
      .sort((left, right) => right.gain - left.gain || left.level - right.level || left.choice - right.choice);
    return { cost, units, sums: running(units.map(({ gain }) => gain)) };
  });
}

function unitsOf({ cost, gains }: Choice, choice: number): Unit[] {
  return Array.from(gains, (gain, level) => ({ choice, level, gain, cost })).filter(({ gain }) => gain > 0);
}

/** The most that groups bring within some room if the last unit may be taken in part: what brings most for its cost first. */
function boundOf(groups: Group[]): (room: number) => number {
  const units = groups
    .flatMap((group) => group.units)
    .sort((left, right) => right.gain / right.cost - left.gain / left.cost);
  const [costs, gains] = [running(units.map(({ cost }) => cost)), running(units.map(({ gain }) => gain))];
  return (room) => {
    const whole = lastWithin(costs, room);
    const next = units[whole];
    return gains[whole]! + (next === undefined ? 0 : ((room - costs[whole]!) / next.cost) * next.gain);
  };
}

/** Sums of the first 0, 1, … values. */
function running(values: number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  values.forEach((value, at) => (sums[at + 1] = sums[at]! + value));
  return sums;
}

/** The last index whose sum is within `room`. */
function lastWithin(sums: Float64Array, room: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sums[middle]! <= room) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where a concave function of 0 … `most` is largest. */
function peakOf(value: (at: number) => number, most: number): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value(middle + 1) > value(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
