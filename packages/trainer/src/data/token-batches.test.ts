import { describe, expect, it } from '@lowrank/testing';
import { packDocuments, tokenBatches, type TokenWindows } from '@lowrank/trainer';

/** Eleven windows of three; window i begins with id 3 i. */
const windows = packDocuments([Array.from({ length: 32 }, (_, id) => id)], { seq: 3 });

describe('tokenBatches', () => {
  it('holds each window exactly once an epoch, in a new order each', () => {
    const batches = tokenBatches(windows, { batch: 4, seed: 1 });
    expect(batches.batchesPerEpoch).toBe(3);
    const orders = [0, 1, 2].map((epoch) => [0, 1, 2].flatMap((index) => firsts(batches.at(epoch * 3 + index))));
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual(inOrder);
    expect(new Set([...orders, inOrder].map(String)).size).toBe(4);
  });

  it('is a pure function of the index, whatever was asked before', () => {
    const [one, two] = [tokenBatches(windows, { batch: 4, seed: 1 }), tokenBatches(windows, { batch: 4, seed: 1 })];
    const straight = [0, 1, 2, 3, 4, 5].map((index) => one.at(index));
    const jumping = [5, 0, 4, 1, 3, 2].map((index) => [index, two.at(index)] as const);
    for (const [index, batch] of jumping) expect(batch).toEqual(straight[index]);
    expect(firsts(tokenBatches(windows, { batch: 11, seed: 2 }).at(0))).not.toEqual(
      firsts(tokenBatches(windows, { batch: 11 }).at(0)),
    );
  });

  it("keeps the text's order on request, rows whole, the last batch smaller", () => {
    const batches = tokenBatches(windows, { batch: 4, shuffle: false });
    expect([0, 1, 2].flatMap((index) => firsts(batches.at(index)))).toEqual(inOrder);
    expect(batches.at(3)).toEqual(batches.at(0));
    const last = batches.at(2);
    expect([last.batch, last.seq, [...last.ids]]).toEqual([3, 3, [24, 25, 26, 27, 28, 29, 30, 0, 0]]);
    expect([...last.targets]).toEqual([25, 26, 27, 28, 29, 30, 31, -100, -100]);
    expect([batches.weight(batches.at(0)), batches.weight(last)]).toEqual([12, 7]);
  });

  it('has another fingerprint for other data or another order', () => {
    const changed = { ...windows, targets: windows.targets.map((target) => (target === 7 ? 8 : target)) };
    const sources = [
      tokenBatches(windows, { batch: 4 }),
      tokenBatches(changed, { batch: 4 }),
      tokenBatches(windows, { batch: 5 }),
      tokenBatches(windows, { batch: 4, seed: 1 }),
      tokenBatches(windows, { batch: 4, shuffle: false }),
    ];
    expect(new Set(sources.map(({ fingerprint }) => fingerprint)).size).toBe(5);
    expect(tokenBatches(windows, { batch: 4 }).fingerprint).toBe(sources[0]!.fingerprint);
  });

  it('refuses windows that do not fit, and a batch of none', () => {
    const lying: TokenWindows = { ...windows, count: 12 };
    expect(() => tokenBatches(lying, { batch: 4 })).toThrow('12 windows of 3 with 33 ids and 33 targets');
    expect(() => tokenBatches(windows, { batch: 0 })).toThrow('batch: 0');
  });
});

const inOrder = Array.from({ length: 11 }, (_, window) => 3 * window);

function firsts({ ids, seq, batch }: { ids: Int32Array; seq: number; batch: number }): number[] {
  return Array.from({ length: batch }, (_, row) => ids[row * seq]!);
}
