/** Values to choose from, by the name of what is chosen. */
export type Factors = Record<string, readonly unknown[]>;

export type Row<F extends Factors> = { [Name in keyof F]: F[Name][number] };

/**
 * A pairwise covering array: rows in which every two values of different factors that `allowed` lets stand together do so
 * at least once. Greedy and without chance: each row begins with the first pair still missing, then takes for each other
 * factor the value that adds most missing pairs, the earliest of equals.
 *
 * @param allowed asked of whole and partial rows; what is not chosen yet is undefined
 */
export function pairwise<F extends Factors>(factors: F, allowed: (row: Partial<Row<F>>) => boolean): Row<F>[] {
  const names = Object.keys(factors);
  const sizes = names.map((name) => factors[name]!.length);
  const missing = new Map(pairsOf(sizes).map((pair) => [pair.join(), pair]));
  const named = (row: Choice) =>
    Object.fromEntries(row.flatMap((value, at) => (value < 0 ? [] : [[names[at], factors[names[at]!]![value]]])));
  const fits = (row: Choice) => allowed(named(row) as Partial<Row<F>>);
  const rows: Row<F>[] = [];
  for (const [key, [first, a, second, b]] of missing) {
    const start = names.map((_, at) => (at === first ? a : at === second ? b : -1));
    const row = fits(start) ? completed(start, sizes, missing, fits) : undefined;
    missing.delete(key); // also where no row can hold it
    if (!row) continue;
    for (const pair of pairsIn(row)) missing.delete(pair.join());
    rows.push(named(row) as Row<F>);
  }
  return rows;
}

/** The index of each factor's value; -1 for none yet. */
type Choice = number[];

type Pair = [factor: number, value: number, otherFactor: number, otherValue: number];

function pairsOf(sizes: number[]): Pair[] {
  const pairs: Pair[] = [];
  for (const [first, many] of sizes.entries()) {
    for (let second = first + 1; second < sizes.length; second++) {
      for (let a = 0; a < many; a++) for (let b = 0; b < sizes[second]!; b++) pairs.push([first, a, second, b]);
    }
  }
  return pairs;
}

function pairsIn(row: Choice): Pair[] {
  return pairsOf(row.map(() => 1)).flatMap(([first, , second]): Pair[] =>
    row[first]! < 0 || row[second]! < 0 ? [] : [[first, row[first]!, second, row[second]!]],
  );
}

/** Depth first, the most useful value first: gives a row wherever there is one. */
function completed(
  row: Choice,
  sizes: number[],
  missing: ReadonlyMap<string, Pair>,
  fits: (row: Choice) => boolean,
): Choice | undefined {
  const at = row.indexOf(-1);
  if (at < 0) return row;
  const tries = Array.from({ length: sizes[at]! }, (_, value) => row.with(at, value))
    .filter(fits)
    .map((next) => ({ next, gain: pairsIn(next).filter((pair) => missing.has(pair.join())).length }))
    .sort((left, right) => right.gain - left.gain);
  for (const { next } of tries) {
    const whole = completed(next, sizes, missing, fits);
    if (whole) return whole;
  }
  return undefined;
}
