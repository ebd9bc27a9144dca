/** Something to spend on, unit by unit: each costs the same and brings no more than the one before it. */
export interface Choice {
  /** Of one unit, in each of the rooms, above 0. */
  costs: readonly number[];
  /** What each further unit brings: none negative, none more than the one before. */
  gains: ArrayLike<number>;
}

/**
 * How many units of each choice bring most within all `rooms`: a knapsack, solved exactly. Units of the same costs are
 * worth taking in order of their gains, so all that is left to decide is how many of each to take: that is searched
 * depth first from the greedy answer outwards, and cut off where not even fractions of units, in the room where those
 * bring least, would bring more. Of units that bring the same the lower ones go first, then the choices in their order.
 * Units that bring nothing are not taken.
 *
 * The search ends at `mostSteps`, far beyond what models need; what it then has falls short of the best by less than a
 * single unit.
 *
 * @returns counts, by choice
 * @see Kellerer, Pferschy and Pisinger 2004, Knapsack Problems, sections 2.4 and 3.1
 */
export function allocate(choices: readonly Choice[], rooms: readonly number[]): number[] {
  const groups = groupsOf(choices);
  const bounds = groups.map((_, at) => boundOf(groups.slice(at + 1), rooms.length));
  const best = { gain: -1, counts: groups.map(() => 0) };
  const counts = groups.map(() => 0);
  let steps = 0;

  const search = (at: number, left: readonly number[], gained: number): void => {
    const group = groups[at];
    if (group === undefined) {
      if (gained > best.gain * (1 + roundings)) Object.assign(best, { gain: gained, counts: [...counts] });
      return;
    }
    const most = Math.min(group.units.length, ...group.costs.map((cost, room) => Math.floor(left[room]! / cost)));
    const after = (count: number) => left.map((room, index) => room - count * group.costs[index]!);
    const bound = (count: number) => gained + group.sums[count]! + bounds[at]!(after(count));
    const promising = (count: number) => bound(count) > best.gain * (1 + roundings) && steps < mostSteps;
    const take = (count: number) => {
      steps++;
      counts[at] = count;
      search(at + 1, after(count), gained + group.sums[count]!);
    };
    // The bound is concave in the count, so on each side of its peak the first that promises nothing ends the search.
    const peak = peakOf(bound, most);
    for (let count = peak; count >= 0 && (best.gain < 0 || promising(count)); count--) take(count);
    for (let count = peak + 1; count <= most && promising(count); count++) take(count);
  };
  search(0, rooms, 0);

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
  costs: readonly number[];
}

interface Group {
  costs: readonly number[];
  /** Of all choices of these costs, what brings most first. */
  units: Unit[];
  /** What the first so many bring together. */
  sums: Float64Array;
}

/** The dearest first: what is left in the end is filled by the cheapest. */
function groupsOf(choices: readonly Choice[]): Group[] {
  const byCosts = new Map(choices.map(({ costs }) => [costs.join(), costs]));
  const dearestFirst = [...byCosts].sort(([, left], [, right]) => {
    const differs = left.findIndex((cost, room) => cost !== right[room]);
    return right[differs]! - left[differs]!;
  });
  return dearestFirst.map(([key, costs]) => {
    const units = choices
      .flatMap((choice, index) => (choice.costs.join() === key ? unitsOf(choice, index) : []))
      .sort((left, right) => right.gain - left.gain || left.level - right.level || left.choice - right.choice);
    return { costs, units, sums: running(units.map(({ gain }) => gain)) };
  });
}

function unitsOf({ costs, gains }: Choice, choice: number): Unit[] {
  return Array.from(gains, (gain, level) => ({ choice, level, gain, costs })).filter(({ gain }) => gain > 0);
}

/** The most that groups bring within some rooms if the last unit may be taken in part, each room by itself. */
function boundOf(groups: Group[], rooms: number): (left: readonly number[]) => number {
  const units = groups.flatMap((group) => group.units);
  const bounds = Array.from({ length: rooms }, (_, room) => {
    return fractional(units.map(({ gain, costs }) => ({ gain, cost: costs[room]! })));
  });
  return (left) => Math.min(...bounds.map((bound, room) => bound(left[room]!)));
}

/** What brings most for its cost first. */
function fractional(units: { gain: number; cost: number }[]): (room: number) => number {
  units.sort((left, right) => right.gain / right.cost - left.gain / left.cost);
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
