import { describe, expect, expectClose, it } from '@lowrank/testing';
import { unsortedSegmentSum, type Tensor1D } from '@tensorflow/tfjs-core';

const exact = { atol: 0, because: 'small whole numbers' };

describe('unsortedSegmentSum', () => {
  it.onEachBackend('adds the rows of each segment, and gives zeros to a segment without rows', ({ tensors }) => {
    const rows = tensors.of([1, 2, 3, 4, 5, 6], [3, 2]);
    const ids = tensors.of([2, 0, 2], [3], 'int32') as Tensor1D;
    const sums = unsortedSegmentSum(rows, ids, 4);
    expect(sums.shape).toEqual([4, 2]);
    expectClose(sums, [3, 4, 0, 0, 6, 8, 0, 0], exact);
    sums.dispose();
  });

  it.onEachBackend('takes rows of any rank, int32 values and no rows at all', ({ tensors }) => {
    const ids = tensors.of([1, 1], [2], 'int32') as Tensor1D;
    const cubes = unsortedSegmentSum(tensors.of([1, 2, 3, 4, 10, 20, 30, 40], [2, 2, 2]), ids, 2);
    expectClose(cubes, [0, 0, 0, 0, 11, 22, 33, 44], exact);
    const whole = unsortedSegmentSum(tensors.of([3, 4], [2], 'int32'), ids, 2);
    expectClose(whole, [0, 7], exact);
    const none = unsortedSegmentSum(tensors.of([], [0, 2]), tensors.of([], [0], 'int32') as Tensor1D, 2);
    expectClose(none, [0, 0, 0, 0], exact);
    for (const each of [cubes, whole, none]) each.dispose();
  });

  it.onEachBackend('drops a row whose segment does not exist', ({ tensors }) => {
    const sums = unsortedSegmentSum(tensors.of([1, 2, 3], [3]), tensors.of([-1, 0, 5], [3], 'int32') as Tensor1D, 2);
    expectClose(sums, [2, 0], exact);
    sums.dispose();
  });
});
