import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { describe, expect, expectClose, it, matMul64, tensorsFor } from '@lowrank/testing';
import { fill, matMul, reshape, tidy, transpose, type Tensor } from '@tensorflow/tfjs-core';

const transpositions = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

const shapes = [
  [1, 1, 1],
  [1, 64, 17],
  [3, 5, 2],
  [7, 1, 9],
  [16, 16, 16],
  [17, 33, 31],
  [130, 8, 67],
  [129, 300, 8],
  [257, 129, 191],
] as const;

describe('matMul of matrices on wasm', () => {
  for (const [transposeA, transposeB] of transpositions) {
    const title = `with transposeA ${transposeA} and transposeB ${transposeB}`;

    for (const [rows, inner, columns] of shapes) {
      it(`gives [${rows}, ${inner}] x [${inner}, ${columns}] ${title}, the first time and with a kept right side`, async () => {
        await useBackend(wasm());
        const tensors = tensorsFor(1);
        const [a, b] = [tensors.randn([rows, inner]), tensors.randn([inner, columns])];
        const want = matMul64(a.dataSync(), b.dataSync(), [rows, inner, columns]);
        const [left, right] = [stored(a, transposeA), stored(b, transposeB)];
        for (let time = 0; time < 3; time++) {
          const product = matMul(left, right, transposeA, transposeB);
          expect(product.shape).toEqual([rows, columns]);
          expectClose(product, want, { atol: 2e-7 * inner + 1e-6, because: `sums of ${inner} products in float32` });
          product.dispose();
        }
        for (const each of [left, right]) each.dispose();
        tensors.dispose();
      });
    }

    it(`gives zeros for no products and nothing for no rows, ${title}`, async () => {
      await useBackend(wasm());
      for (const [rows, inner, columns] of [
        [2, 0, 3],
        [0, 4, 3],
        [2, 4, 0],
        [0, 0, 0],
      ] as const) {
        const left = fill(transposeA ? [inner, rows] : [rows, inner], 1);
        const right = fill(transposeB ? [columns, inner] : [inner, columns], 1);
        const product = matMul(left, right, transposeA, transposeB);
        expect(product.shape).toEqual([rows, columns]);
        expect([...product.dataSync()]).toEqual(Array(rows * columns).fill(0));
        for (const each of [left, right, product]) each.dispose();
      }
    });
  }

  it('takes the same weight in another shape for the matrix that it then is', async () => {
    await useBackend(wasm());
    const tensors = tensorsFor(3);
    const [x, y, w] = [tensors.randn([9, 40]), tensors.randn([9, 60]), tensors.randn([40, 60])];
    const close = { atol: 1e-5, because: 'sums of 60 products in float32' };
    tidy(() => {
      const across = reshape(w, [60, 40]);
      for (let time = 0; time < 3; time++) {
        expectClose(matMul(x, w), matMul64(x.dataSync(), w.dataSync(), [9, 40, 60]), close);
        expectClose(matMul(y, across), matMul64(y.dataSync(), w.dataSync(), [9, 60, 40]), close);
      }
    });
    tensors.dispose();
  });

  it('leaves int32 and sides that do not fit to the stock kernel, which refuses them', async () => {
    await useBackend(wasm());
    const [two, three, whole] = [fill([2, 2], 1), fill([3, 3], 1), fill([2, 2], 1, 'int32')];
    expect(() => matMul(whole, whole)).toThrow('non-float32');
    expect(() => matMul(three, two)).toThrow('inner shapes');
    for (const each of [two, three, whole]) each.dispose();
  });
});

function stored(matrix: Tensor, transposed: boolean): Tensor {
  return transposed ? transpose(matrix) : matrix.clone();
}
