import { describe, expect, it } from '@lowrank/testing';
import { matMul } from '@tensorflow/tfjs-core';

describe('a product', () => {
  const turns = [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const;
  for (const rows of [1, 2, 5, 8, 40]) {
    for (const [transposeA, transposeB] of turns) {
      it.onEachBackend(
        `has the same bits however often its right side was used: ${rows} rows, ${transposeA}, ${transposeB}`,
        ({ tensors }) => {
          const [inner, columns] = [150, 70];
          const a = tensors.randn(transposeA ? [inner, rows] : [rows, inner]);
          const b = tensors.randn(transposeB ? [columns, inner] : [inner, columns]);
          const [first, ...later] = Array.from({ length: 4 }, () => {
            const product = matMul(a, b, transposeA, transposeB);
            const values = product.dataSync().slice();
            product.dispose();
            return values;
          });
          for (const values of later) expect(values).toEqual(first);
        },
      );
    }
  }
});
