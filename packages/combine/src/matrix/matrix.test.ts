import { randomFloats } from '@lowrank/core';
import { describe, expect, expectClose, it, matMul64 } from '@lowrank/testing';
import { matrixOf, stacked, turned, zeros, type Matrix } from './matrix.js';
import { orthogonalRows } from './orthogonal-rows.js';
import { productSvd } from './product-svd.js';
import { product, productTurned } from './product.js';
import { smallSvd, type Svd } from './small-svd.js';

function random(rows: number, columns: number, seed: number): Matrix {
  return matrixOf(randomFloats(rows * columns, { distribution: 'normal', seed }), rows, columns);
}

/** Some `rank` rows, each many times. */
function dependent(rows: number, columns: number, rank: number): Matrix {
  return product(random(rows, rank, 3), random(rank, columns, 4));
}

function multiplied(left: Matrix, right: Matrix): Float64Array {
  return matMul64(left.data, right.data, [left.rows, left.columns, right.columns]);
}

function rebuilt({ left, values, right }: Svd): Float64Array {
  const weighted = left.data.map((value, index) => value * values[Math.floor(index / left.columns)]!);
  return multiplied(turned({ ...left, data: weighted }), right);
}

function expectOrthonormal(rows: Matrix): void {
  const identity = Float64Array.from({ length: rows.rows ** 2 }, (_, at) => (at % (rows.rows + 1) === 0 ? 1 : 0));
  expectClose(multiplied(rows, turned(rows)), identity, { atol: 1e-13, because: 'float64' });
}

const shapes: [string, Matrix][] = [
  ['wide', random(4, 37, 1)],
  ['tall', random(23, 5, 2)],
  ['square', random(9, 9, 5)],
  ['of a rank below its sides', dependent(8, 30, 3)],
  ['with the same rows twice', stacked([random(4, 20, 6), random(4, 20, 6)])],
  ['of zeros', zeros(5, 12)],
  ['of one value', random(1, 1, 7)],
  ['of one column', random(6, 1, 8)],
  ['with a row of zeros first', stacked([zeros(1, 10), random(3, 10, 9)])],
];

describe('products', () => {
  it('are what the plain sums give, whatever is left over of four', () => {
    for (const inner of [1, 2, 3, 4, 5, 8, 11]) {
      const [left, right] = [random(3, inner, inner), random(inner, 6, inner + 50)];
      const expected = multiplied(left, right);
      expectClose(product(left, right).data, expected, { atol: 1e-14, because: 'float64' });
      expectClose(productTurned(left, turned(right)).data, expected, { atol: 1e-14, because: 'float64' });
    }
  });
});

describe('orthogonalRows', () => {
  for (const [name, matrix] of shapes) {
    it(`splits a matrix ${name} into a triangle and orthonormal rows`, () => {
      const { r, q } = orthogonalRows(matrix);
      expect([q.rows, q.columns]).toEqual([Math.min(matrix.rows, matrix.columns), matrix.columns]);
      expectOrthonormal(q);
      expectClose(multiplied(r, q), matrix.data, { atol: 1e-13, because: 'float64' });
      const above = r.data.filter((_, at) => at % r.columns > Math.floor(at / r.columns));
      expect(above.every((value) => value === 0)).toBe(true);
    });
  }
});

describe('smallSvd', () => {
  for (const [name, matrix] of shapes) {
    it(`decomposes a matrix ${name}`, () => {
      const svd = smallSvd(matrix);
      expectOrthonormal(svd.left);
      expectOrthonormal(svd.right);
      expect([...svd.values]).toEqual([...svd.values].sort((one, other) => other - one));
      expect(svd.values.every((value) => value >= 0)).toBe(true);
      expectClose(rebuilt(svd), matrix.data, { atol: 1e-12, because: 'float64' });
    });
  }
});

describe('productSvd', () => {
  it('is the SVD of the product of its factors', () => {
    for (const [rank, rows, columns] of [
      [3, 20, 31],
      [8, 5, 40],
      [12, 7, 9],
      [1, 1, 6],
    ] as const) {
      const [a, b] = [random(rank, rows, rank), random(rank, columns, rank + 1)];
      const whole = { rows, columns, data: multiplied(turned(a), b) };
      const svd = productSvd(a, b);
      expect(svd.values.length).toBe(Math.min(rank, rows, columns));
      expectClose(rebuilt(svd), whole.data, { atol: 1e-12, because: 'float64' });
      const expected = smallSvd(whole).values.subarray(0, svd.values.length);
      expectClose(svd.values, expected, { atol: 1e-12, because: 'float64' });
    }
  });
});
