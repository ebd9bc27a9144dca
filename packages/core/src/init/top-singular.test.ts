import { randomFloats, topSingular, type Matrix, type SingularTriplet } from '@lowrank/core';
import { describe, errorOf, expect, expectClose, it, withSpectrum } from '@lowrank/testing';

const close = { atol: 1e-9, because: 'the smallest value sought is a tenth of the largest or more' };

describe('topSingular', () => {
  it.each([
    [60, 40],
    [40, 60],
    [1, 5],
    [5, 1],
  ])('finds the largest singular values of a [%i, %i] matrix, made from known ones', (rows, columns) => {
    const count = Math.min(rows, columns, 6);
    const values = Array.from({ length: Math.min(rows, columns) }, (_, index) => 3 * 0.8 ** index);
    const matrix = withSpectrum(values, rows, columns);
    const found = topSingular(matrix, count);
    expectClose(
      found.map(({ value }) => value),
      values.slice(0, count),
      close,
    );
    for (const triplet of found) expectTriplet(matrix, triplet);
    expectOrthonormal(found.map(({ left }) => left));
    expectOrthonormal(found.map(({ right }) => right));
  });

  it('finds each vector of a value that comes several times', () => {
    const values = [5, 2, 2, 2, 2, ...Array<number>(35).fill(1)];
    const matrix = withSpectrum(values, 40, 50);
    const found = topSingular(matrix, 7);
    expectClose(
      found.map(({ value }) => value),
      [5, 2, 2, 2, 2, 1, 1],
      close,
    );
    for (const triplet of found) expectTriplet(matrix, triplet);
    expectOrthonormal(found.map(({ left }) => left));
  });

  it.each([NaN, Infinity])('throws for %d, of which no search would find an end', async (value) => {
    const matrix = withSpectrum([3, 2, 1], 5, 3);
    const values = Float64Array.from(matrix.values, (own, at) => (at === 7 ? value : own));
    const error = await errorOf(() => topSingular({ ...matrix, values }, 2));
    expect(error).toMatchObject({ code: 'not-finite', fix: expect.stringContaining('look at the model') });
  });

  it('gives zeros for what a matrix of a lower rank does not have', () => {
    const matrix = withSpectrum([4, 1], 9, 7);
    const found = topSingular(matrix, 4);
    expectClose(
      found.map(({ value }) => value),
      [4, 1, 0, 0],
      { atol: 1e-7, because: 'the root of what float64 leaves of a square' },
    );
    const nothing = topSingular({ values: new Float64Array(12), rows: 3, columns: 4 }, 2);
    expect(nothing.map(({ value, left, right }) => [value, ...left, ...right])).toEqual([
      Array(8).fill(0),
      Array(8).fill(0),
    ]);
  });

  it('gives values that fall, also where nothing but rounding is left of them', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [rows, columns] = [12, 9];
      const one = randomFloats(rows, { distribution: 'normal', seed });
      const values = Float32Array.from(
        { length: rows * columns },
        (_, at) => one[Math.floor(at / columns)]! * (1 + (at % 3)),
      );
      const found = topSingular({ values, rows, columns }, 9).map(({ value }) => value);
      expect(found).toEqual(found.toSorted((left, right) => right - left));
    }
  });

  it('gives all there are where more are asked for', () => {
    expect(topSingular(withSpectrum([2, 1], 2, 5), 9)).toHaveLength(2);
  });

  it('is right on a flat spectrum, that of a random matrix', () => {
    const [rows, columns] = [120, 90];
    const values = randomFloats(rows * columns, { distribution: 'normal', seed: 4 });
    const matrix = { values, rows, columns };
    const found = topSingular(matrix, 20);
    for (const triplet of found) expectTriplet(matrix, triplet);
    expectOrthonormal(found.map(({ right }) => right));
    // What is left has no direction that is longer than the last one found.
    const rest = Float64Array.from(values);
    for (const { value, left, right } of found) {
      for (let at = 0; at < rest.length; at++)
        rest[at]! -= value * left[Math.floor(at / columns)]! * right[at % columns]!;
    }
    const [next] = topSingular({ values: rest, rows, columns }, 1);
    expect(next!.value).toBeLessThanOrEqual(found.at(-1)!.value);
  });
});

/** `M v = s u` and `Mᵀ u = s v`. */
function expectTriplet({ values, rows, columns }: Matrix, { value, left, right }: SingularTriplet): void {
  const image = Float64Array.from({ length: rows }, (_, row) => {
    return right.reduce((total, entry, column) => total + values[row * columns + column]! * entry, 0);
  });
  const back = Float64Array.from({ length: columns }, (_, column) => {
    return left.reduce((total, entry, row) => total + values[row * columns + column]! * entry, 0);
  });
  expectClose(
    image,
    left.map((entry) => value * entry),
    close,
  );
  expectClose(
    back,
    right.map((entry) => value * entry),
    close,
  );
}

function expectOrthonormal(vectors: Float64Array[]): void {
  for (const [index, vector] of vectors.entries()) {
    for (const [other, against] of vectors.entries()) {
      const product = vector.reduce((total, entry, at) => total + entry * against[at]!, 0);
      expect(Math.abs(product - (index === other ? 1 : 0))).toBeLessThan(1e-9);
    }
  }
}
