import { describe, expect, test } from 'vitest';
import { pairwise, type Factors, type Row } from './pairwise.js';

const factors = {
  size: [1, 2, 3],
  kind: ['a', 'b'],
  on: [false, true],
  where: ['here', 'there', 'away', 'far'],
} as const;
const notFarAndOn = ({ where, on }: Partial<Row<typeof factors>>) => !(where === 'far' && on);

describe('a pairwise covering array', () => {
  test('holds every two values of different factors that may stand together', () => {
    const rows = pairwise(factors, notFarAndOn);
    const held = new Set(rows.flatMap((row) => pairs(row)));
    const wanted = allPairs(factors).filter((pair) => pair !== pairOf('on', true, 'where', 'far'));
    expect(wanted.filter((pair) => !held.has(pair))).toEqual([]);
    expect(held.size).toBe(wanted.length);
  });

  test('has no row that may not be', () => {
    expect(pairwise(factors, notFarAndOn).filter((row) => !notFarAndOn(row))).toEqual([]);
  });

  test('is near the smallest there can be, the product of the two longest lists', () => {
    expect(pairwise(factors, () => true).length).toBeLessThanOrEqual(14);
  });

  test('is the same each time', () => {
    expect(pairwise(factors, notFarAndOn)).toEqual(pairwise(factors, notFarAndOn));
  });

  test('goes back on a choice that leaves a later factor no value', () => {
    const rows = pairwise(
      { first: [1, 2], second: [1, 2], third: [1, 2] },
      ({ first, second, third }) =>
        third === undefined || first === undefined || second === undefined || first + second + third === 5,
    );
    expect(rows.map(({ first, second, third }) => first + second + third)).toEqual([5, 5, 5]);
  });
});

function pairOf(...parts: unknown[]): string {
  return JSON.stringify(parts);
}

function pairs(row: Record<string, unknown>): string[] {
  const entries = Object.entries(row);
  return entries.flatMap(([name, value], at) => entries.slice(at + 1).map((other) => pairOf(name, value, ...other)));
}

function allPairs(all: Factors): string[] {
  const names = Object.keys(all);
  return names.flatMap((name, at) =>
    names
      .slice(at + 1)
      .flatMap((other) =>
        all[name]!.flatMap((value) => all[other]!.map((second) => pairOf(name, value, other, second))),
      ),
  );
}
