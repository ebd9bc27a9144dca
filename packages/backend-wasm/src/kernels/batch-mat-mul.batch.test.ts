import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { describe, expect, expectClose, it, matMul64, tensorsFor } from '@lowrank/testing';
import { fill, matMul, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { batchIndices } from './batch-indices.js';

type Batches = [title: string, a: number[], b: number[], result: number[]];

const batches: Batches[] = [
  ['the same batch', [3], [3], [3]],
  ['two leading axes', [2, 3], [2, 3], [2, 3]],
  ['one right matrix for all', [4], [], [4]],
  ['one left matrix for all', [1], [4], [4]],
  ['axes of 1 on both sides', [2, 1], [1, 3], [2, 3]],
  ['a missing axis on the right', [2, 3], [3], [2, 3]],
  ['a shorter left side', [2], [3, 2], [3, 2]],
];

describe('matMul of batches on wasm', () => {
  for (const [title, ofA, ofB, result] of batches) {
    for (const [rows, inner, columns] of [
      [2, 3, 4],
      [33, 40, 35],
    ] as const) {
      for (const [transposeA, transposeB] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ] as const) {
        it(`pairs ${title}: [${rows}, ${inner}, ${columns}], transposed ${transposeA}, ${transposeB}`, async () => {
          await useBackend(wasm());
          const tensors = tensorsFor(5);
          const [a, b] = [tensors.randn([...ofA, rows, inner]), tensors.randn([...ofB, inner, columns])];
          const want = batchIndices(result, ofA).flatMap((indexOfA, index) => {
            const indexOfB = batchIndices(result, ofB)[index] as number;
            const left = matrix(a, indexOfA, rows * inner);
            return [...matMul64(left, matrix(b, indexOfB, inner * columns), [rows, inner, columns])];
          });
          const [left, right] = [stored(a, transposeA), stored(b, transposeB)];
          const product = matMul(left, right, transposeA, transposeB);
          expect(product.shape).toEqual([...result, rows, columns]);
          expectClose(product, want, { atol: 1e-5, because: 'sums of 40 products in float32' });
          for (const each of [left, right, product]) each.dispose();
          tensors.dispose();
        });
      }
    }
  }

  it('gives nothing for an empty batch', async () => {
    await useBackend(wasm());
    const [a, b] = [fill([0, 2, 3], 1), fill([0, 3, 4], 1)];
    const product = matMul(a, b);
    expect(product.shape).toEqual([0, 2, 4]);
    for (const each of [a, b, product]) each.dispose();
  });
});

describe('batchIndices', () => {
  it('counts through axes that an operand has, and stays where it has 1 or none', () => {
    expect(batchIndices([], [])).toEqual([0]);
    expect(batchIndices([2, 3], [2, 3])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(batchIndices([2, 3], [3])).toEqual([0, 1, 2, 0, 1, 2]);
    expect(batchIndices([2, 3], [2, 1])).toEqual([0, 0, 0, 1, 1, 1]);
    expect(batchIndices([2, 3, 2], [3, 1])).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
    expect(batchIndices([2, 0], [2, 0])).toEqual([]);
  });
});

function matrix(batch: Tensor, index: number, size: number): Float32Array {
  return (batch.dataSync() as Float32Array).subarray(index * size, (index + 1) * size);
}

function stored(tensor: Tensor, transposed: boolean): Tensor {
  const axes = tensor.shape.map((_, axis) => axis);
  return transposed ? transpose(tensor, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]) : tensor.clone();
}
