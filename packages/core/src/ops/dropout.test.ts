import { dropout } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { dispose, grad, ones, type Tensor } from '@tensorflow/tfjs-core';

describe('dropout', () => {
  it.onEachBackend('keeps about 1 - rate of the values, each divided by 1 - rate', () => {
    const x = ones([200, 500]);
    const y = dropout(x, 0.25, 7);
    const values = y.dataSync();
    const kept = values.filter((value) => value !== 0);
    // 4 standard deviations of a binomial of 100,000 draws.
    expect(Math.abs(kept.length / values.length - 0.75)).toBeLessThan(0.0055);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
    dispose([x, y]);
  });

  it.onEachBackend('drops the same values for the same seed, others for another, and the same in its gradient', () => {
    const x = ones([50]);
    const [first, again, other] = [dropout(x, 0.5, 1), dropout(x, 0.5, 1), dropout(x, 0.5, 2)];
    const gradient = grad((x: Tensor) => dropout(x, 0.5, 1))(x);
    expect(again.dataSync()).toEqual(first.dataSync());
    expect(other.dataSync()).not.toEqual(first.dataSync());
    expect(gradient.dataSync()).toEqual(first.dataSync());
    dispose([x, first, again, other, gradient]);
  });
});
