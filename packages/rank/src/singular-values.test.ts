import { topSingular } from '@lowrank/core';
import { describe, errorOf, expect, expectClose, it, withSpectrum } from '@lowrank/testing';
import { singularValues } from './singular-values.js';

const close = { atol: 1e-13, because: 'float64' };

describe('singularValues', () => {
  it.each([
    [40, 60],
    [61, 33],
    [24, 24],
    [1, 7],
    [7, 1],
    [2, 2],
    [1, 1],
  ])('finds all of a [%i, %i] matrix, made from known ones', (rows, columns) => {
    const values = Array.from({ length: Math.min(rows, columns) }, (_, index) => 3 * 0.6 ** index);
    const found = singularValues('q', withSpectrum(values, rows, columns));
    expect(found).toHaveLength(values.length);
    expectClose(found, values, close);
  });

  it('finds those of a lower rank, of equal values, of nothing and of far apart sizes', () => {
    const lower = [4, 1, ...Array<number>(28).fill(0)];
    expectClose(singularValues('q', withSpectrum(lower, 30, 40)), lower, close);
    expectClose(singularValues('q', withSpectrum(lower, 40, 30)), lower, close);
    const equal = [5, 2, 2, 2, 2, ...Array<number>(15).fill(1)];
    expectClose(singularValues('q', withSpectrum(equal, 25, 20)), equal, close);
    const diagonal = Float64Array.from({ length: 25 }, (_, at) => (at % 6 === 0 ? at : 0));
    expectClose(singularValues('q', { values: diagonal, rows: 5, columns: 5 }), [24, 18, 12, 6, 0], close);
    for (const [rows, columns] of [
      [3, 4],
      [4, 3],
      [1, 4],
      [4, 1],
    ] as const) {
      const found = singularValues('q', { values: new Float32Array(rows * columns), rows, columns });
      expect(found).toEqual(Array(Math.min(rows, columns)).fill(0));
    }
    const far = Float64Array.of(1e-30, 0, 0, 1e30);
    expect(singularValues('q', { values: far, rows: 2, columns: 2 })).toEqual([1e30, 1e-30]);
  });

  it("agrees with Lanczos' method, and gives values that fall", () => {
    const values = Float32Array.from({ length: 30 * 50 }, (_, at) => Math.sin(at * at));
    const matrix = { values, rows: 30, columns: 50 };
    const found = singularValues('q', matrix);
    const others = topSingular(matrix, 12).map(({ value }) => value);
    expectClose(found.slice(0, 12), others, { atol: 1e-10, because: "Lanczos' residuals" });
    expect(found).toEqual(found.toSorted((left, right) => right - left));
  });

  it('refuses what is not finite, in any place of any shape', async () => {
    for (const wrong of [NaN, Infinity, -Infinity]) {
      for (const [rows, columns] of [
        [3, 3],
        [2, 4],
        [4, 2],
        [1, 3],
        [3, 1],
      ] as const) {
        for (const at of [0, rows * columns - 1]) {
          const values = Float32Array.from({ length: rows * columns }, (_, index) => (index === at ? wrong : index));
          const { code, message } = await errorOf(() => singularValues('layers.0.q', { values, rows, columns }));
          expect(code).toBe('not-finite');
          expect(message).toContain(`${wrong} in the spectrum of "layers.0.q"`);
        }
      }
    }
  });
});
