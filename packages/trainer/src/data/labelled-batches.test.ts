import { describe, expect, it } from '@lowrank/testing';
import { labelledBatches, type LabelledExample } from '@lowrank/trainer';

const examples: LabelledExample[] = [
  { ids: Int32Array.of(1, 2, 3), types: Int32Array.of(0, 0, 1), label: 2 },
  { ids: Int32Array.of(4), label: 0 },
  { ids: Int32Array.of(5, 6), types: Int32Array.of(0, 1), label: 1 },
];

describe('labelledBatches', () => {
  it('pads ids, mask and types behind the tokens to the longest in the batch', () => {
    const batches = labelledBatches(examples, { batch: 2, shuffle: false });
    expect(batches.batchesPerEpoch).toBe(2);
    expect(batches.at(0)).toEqual({
      ids: Int32Array.of(4, 0, 5, 6),
      mask: Float32Array.of(1, 0, 1, 1),
      types: Int32Array.of(0, 0, 0, 1),
      labels: Int32Array.of(0, 1),
      batch: 2,
      seq: 2,
    });
    const last = batches.at(1);
    expect([[...last.ids], [...last.mask], [...last.types], [...last.labels]]).toEqual([
      [1, 2, 3],
      [1, 1, 1],
      [0, 0, 1],
      [2],
    ]);
    expect([batches.weight(batches.at(0)), batches.weight(last)]).toEqual([2, 1]);
  });

  it('holds each example once an epoch, with its own label', () => {
    const batches = labelledBatches(examples, { batch: 2, seed: 4 });
    const seen = [0, 1].flatMap((index) => {
      const { ids, labels, seq } = batches.at(2 + index);
      return Array.from(labels, (label, row) => [ids[row * seq], label]);
    });
    expect(seen.toSorted((a, b) => a[0]! - b[0]!)).toEqual([
      [1, 2],
      [4, 0],
      [5, 1],
    ]);
  });

  it('has another fingerprint for another label, and refuses an example without a token', () => {
    const relabelled = [{ ...examples[0]!, label: 1 }, ...examples.slice(1)];
    const prints = [examples, relabelled].map((given) => labelledBatches(given, { batch: 2 }).fingerprint);
    expect(prints[0]).not.toBe(prints[1]);
    expect(() => labelledBatches([{ ids: new Int32Array(0), label: 0 }], { batch: 2 })).toThrow(
      'example 0 of 1, without a token',
    );
  });
});
