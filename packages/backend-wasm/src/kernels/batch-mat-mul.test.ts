import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { describe, expect, expectClose, it, matMul64 } from '@lowrank/testing';
import { matMul, memory, tensor, type Tensor } from '@tensorflow/tfjs-core';

const sums = (inner: number) => ({ atol: 3e-7 * Math.max(4, inner), because: `${inner} products in float32` });

const transpositions = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

describe('matMul on wasm', () => {
  for (const [transposeA, transposeB] of transpositions) {
    const title = `with transposeA ${transposeA} and transposeB ${transposeB}`;

    it.each([
      [1, 1, 1],
      [1, 64, 17],
      [3, 5, 2],
      [7, 1, 9],
      [16, 16, 16],
      [17, 33, 31],
      [130, 8, 67],
      [129, 300, 8],
      [257, 129, 191],
    ])(`multiplies [%i, %i] by [.., %i] ${title}`, async (rows, inner, columns) => {
      await useBackend(wasm());
      const a = values(rows * inner, 1);
      const b = values(inner * columns, 2);
      const before = memory().numTensors;
      const left = matrix(a, [rows, inner], transposeA);
      const right = matrix(b, [inner, columns], transposeB);
      const product = matMul(left, right, transposeA, transposeB);
      expect(product.shape).toEqual([rows, columns]);
      expectClose(product, matMul64(a, b, [rows, inner, columns]), sums(inner));
      for (const each of [left, right, product]) each.dispose();
      expect(memory().numTensors).toBe(before);
    });
  }
});

function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(index * 1.7 + seed));
}

/** A matrix, stored transposed when asked. */
function matrix(of: Float32Array, [rows, columns]: [number, number], transposed: boolean): Tensor {
  if (!transposed) return tensor(of, [rows, columns]);
  const across = of.map((_, index) => of[(index % rows) * columns + Math.floor(index / rows)] as number);
  return tensor(across, [columns, rows]);
}
