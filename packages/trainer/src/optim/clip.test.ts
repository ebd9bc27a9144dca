import { describe, expect, expectClose, it } from '@lowrank/testing';
import { clip } from '@lowrank/trainer';
import { tidy, type NamedTensorMap } from '@tensorflow/tfjs-core';

describe('clip', () => {
  it.onEachBackend(
    'scales all gradients by one factor, so that their global norm is the largest allowed',
    ({ tensors }) => {
      const gradients = { a: tensors.of([3, 0], [2]), b: tensors.of([4], [1]) };
      expect(clipped(1, gradients)).toHaveLength(3);
      expectClose(clipped(1, gradients), [0.6, 0, 0.8], { atol: 1e-6, because: "torch's 1e-6 in the divisor" });
    },
  );

  it.onEachBackend('leaves gradients within the norm to the bit, and all of them at 0', ({ tensors }) => {
    const gradients = { a: tensors.of([3, 0], [2]), b: tensors.of([4], [1]) };
    expect(clipped(5.1, gradients)).toEqual([3, 0, 4]);
    expect(clipped(0, gradients)).toEqual([3, 0, 4]);
  });
});

function clipped(maxNorm: number, gradients: NamedTensorMap): number[] {
  return tidy(() => {
    const context = { step: 1, learningRate: 1, gradientNorm: 5, parameters: {} };
    return Object.values(clip(maxNorm)(gradients, context)).flatMap((value) => [...value.dataSync()]);
  });
}
