import { randomFloats } from '@lowrank/core';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { matrixOf, scaledRows, squares, turned, type Matrix } from './matrix.js';
import { orthogonalRows } from './orthogonal-rows.js';
import { product } from './product.js';
import { truncatedSvd } from './truncated-svd.js';

/** A matrix with these singular values, in random directions. */
function withSpectrum(rows: number, columns: number, values: number[]): Matrix {
  const draw = (width: number, seed: number) =>
    orthogonalRows(
      matrixOf(randomFloats(values.length * width, { distribution: 'normal', seed }), values.length, width),
    ).q;
  return product(turned(draw(rows, 1)), scaledRows(draw(columns, 2), values));
}

/** `‖matrix - what the first values make‖² / ‖matrix‖²` */
function lost(matrix: Matrix, rank: number): number {
  const { left, values, right } = truncatedSvd(matrix, rank);
  const kept = product(turned(left), scaledRows(right, values)).data;
  return squares(matrix.data.map((value, at) => value - kept[at]!)) / squares(matrix.data);
}

describe('truncatedSvd', () => {
  for (const [rows, columns] of [
    [40, 60],
    [230, 150],
    [150, 230],
  ] as const) {
    it(`gives a [${rows}, ${columns}] matrix of low rank back, and its singular values`, () => {
      const values = [9, 7, 4, 2, 0.5];
      const matrix = withSpectrum(rows, columns, values);
      expectClose(truncatedSvd(matrix, 5).values, values, { atol: 1e-12, because: 'float64' });
      expect(lost(matrix, 5)).toBeLessThan(1e-26);
    });
  }

  it('loses no more than is beyond the rank, in slowly falling and in flat spectra', () => {
    const slow = Array.from({ length: 150 }, (_, at) => 1 / Math.sqrt(1 + at));
    const flat = Array.from({ length: 150 }, (_, at) => 1 - at / 1000);
    for (const values of [slow, flat]) {
      const least = squares(values.slice(8)) / squares(values);
      expect(lost(withSpectrum(230, 150, values), 8) / least).toBeLessThan(1.001);
    }
  });

  it('gives the same bits again, and fewer values where a side is shorter', () => {
    const matrix = withSpectrum(230, 150, [3, 2, 1]);
    expect(truncatedSvd(matrix, 4)).toEqual(truncatedSvd(matrix, 4));
    expect(truncatedSvd(withSpectrum(3, 20, [2, 1]), 8).values.length).toBe(3);
  });

  it('takes zeros', () => {
    const { values } = truncatedSvd(matrixOf(new Float64Array(200 * 200), 200, 200), 2);
    expect([...values]).toEqual([0, 0]);
  });
});
