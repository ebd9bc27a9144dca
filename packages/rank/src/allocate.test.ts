import { randomFloats } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { allocate, type Choice } from './allocate.js';

/** Seeded numbers in [0, 1), one after the other. */
function numbers(seed: number): () => number {
  const drawn = randomFloats(4000, { distribution: 'uniform', seed });
  let at = 0;
  return () => (drawn[at++]! + 1) / 2;
}

interface Drawn {
  costs: number[];
  most?: number;
  rooms?: number;
}

function randomChoices(next: () => number, { costs, most = 4, rooms = 1 }: Drawn): Choice[] {
  return Array.from({ length: 2 + Math.floor(next() * 4) }, () => ({
    costs: Array.from({ length: rooms }, () => costs[Math.floor(next() * costs.length)]!),
    gains: Array.from({ length: Math.floor(next() * (most + 1)) }, () => Math.round(next() * 50) / 10).sort(
      (l, r) => r - l,
    ),
  }));
}

function gainOf(choices: Choice[], counts: number[]): number {
  return choices.reduce((sum, { gains }, at) => {
    return (
      sum +
      Array.from(gains)
        .slice(0, counts[at])
        .reduce((total, gain) => total + gain, 0)
    );
  }, 0);
}

function costOf(choices: Choice[], counts: number[], room = 0): number {
  return choices.reduce((sum, { costs }, at) => sum + costs[room]! * counts[at]!, 0);
}

/** The most that any counts bring, by trying all. */
function bruteForce(choices: Choice[], rooms: number[]): number {
  const [first, ...rest] = choices;
  if (first === undefined) return 0;
  let best = 0;
  let own = 0;
  const left = (count: number) => rooms.map((room, at) => room - count * first.costs[at]!);
  for (let count = 0; count <= first.gains.length && left(count).every((room) => room >= 0); count++) {
    if (count > 0) own += first.gains[count - 1]!;
    best = Math.max(best, own + bruteForce(rest, left(count)));
  }
  return best;
}

/** The same by a table of what each room brings. */
function dynamicProgramming(choices: Choice[], room: number): number {
  let table = new Float64Array(room + 1);
  for (const {
    costs: [cost = 0],
    gains,
  } of choices) {
    const next = table.slice();
    let own = 0;
    for (let count = 1; count <= gains.length; count++) {
      own += gains[count - 1]!;
      for (let at = count * cost; at <= room; at++) next[at] = Math.max(next[at]!, table[at - count * cost]! + own);
    }
    table = next;
  }
  return table[room]!;
}

describe('allocate', () => {
  it.each([1, 2, 3])('brings what trying all counts brings, and never takes more than %i rooms have', (count) => {
    for (let seed = 0; seed < 300; seed++) {
      const next = numbers(seed);
      const choices = randomChoices(next, { costs: [3, 5, 7, 11, 13], rooms: count });
      const rooms = Array.from({ length: count }, () => Math.floor(next() * 60));
      const counts = allocate(choices, rooms);
      rooms.forEach((room, at) => expect(costOf(choices, counts, at), `seed ${seed}`).toBeLessThanOrEqual(room));
      expect(gainOf(choices, counts), `seed ${seed}`).toBeCloseTo(bruteForce(choices, rooms), 9);
    }
  });

  it('brings no less for more room', () => {
    const choices = randomChoices(numbers(7), { costs: [6, 10, 15], most: 20 });
    let before = 0;
    for (let room = 0; room < 400; room++) {
      const gain = gainOf(choices, allocate(choices, [room]));
      expect(gain).toBeGreaterThanOrEqual(before - 1e-9);
      before = gain;
    }
  });

  it('spreads what brings the same over choices, the lower units and the first choices first', () => {
    const flat = [1, 1, 1].map((cost) => ({ costs: [cost], gains: [2, 2, 2] }));
    expect(allocate(flat, [4])).toEqual([2, 1, 1]);
    expect(allocate(flat, [5])).toEqual([2, 2, 1]);
    expect(allocate(flat, [5])).toEqual(allocate(flat, [5]));
  });

  it('takes nothing that brings nothing', () => {
    expect(
      allocate(
        [
          { costs: [1], gains: [3, 0, 0] },
          { costs: [2], gains: [] },
        ],
        [100],
      ),
    ).toEqual([1, 0]);
    expect(allocate([], [5])).toEqual([]);
  });

  it('brings what dynamic programming brings where modules have twelve shapes', () => {
    const next = numbers(3);
    const choices = Array.from({ length: 36 }, (_, at) => ({
      costs: [70 + 7 * (at % 12) + (at % 5)],
      gains: Array.from({ length: 12 }, () => next()).sort((left, right) => right - left),
    }));
    const counts = allocate(choices, [9000]);
    expect(costOf(choices, counts)).toBeLessThanOrEqual(9000);
    expect(gainOf(choices, counts)).toBeCloseTo(dynamicProgramming(choices, 9000), 9);
  });
});
