import { singularValues } from '@lowrank/core';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { withSpectrum } from '../../test/with-spectrum.js';

const because = 'the root of what float64 leaves of a square';

describe('singularValues', () => {
  it.each([
    [40, 60],
    [61, 33],
    [24, 24],
    [1, 7],
    [7, 1],
    [2, 2],
  ])('finds all of a [%i, %i] matrix, made from known ones', (rows, columns) => {
    const values = Array.from({ length: Math.min(rows, columns) }, (_, index) => 3 * 0.9 ** index);
    const found = singularValues(withSpectrum(values, rows, columns));
    expect(found).toHaveLength(values.length);
    expectClose(found, values, { atol: 1e-8 * values[0]!, because });
  });

  it('finds those of a lower rank, of equal values and of nothing', () => {
    const lower = [4, 1, ...Array<number>(28).fill(0)];
    expectClose(singularValues(withSpectrum(lower, 30, 40)), lower, { atol: 1e-7, because });
    const equal = [5, 2, 2, 2, 2, ...Array<number>(15).fill(1)];
    expectClose(singularValues(withSpectrum(equal, 25, 20)), equal, { atol: 1e-8, because });
    const diagonal = Float64Array.from({ length: 25 }, (_, at) => (at % 6 === 0 ? at : 0));
    expect(singularValues({ values: diagonal, rows: 5, columns: 5 })).toEqual([24, 18, 12, 6, 0]);
    expect(singularValues({ values: new Float64Array(12), rows: 3, columns: 4 })).toEqual([0, 0, 0]);
  });
});
