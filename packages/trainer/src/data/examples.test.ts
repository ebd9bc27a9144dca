import { describe, expect, it } from '@lowrank/testing';
import { fitExamples, lengthBatches, packExamples, tokenBatches, type TokenExample } from '@lowrank/trainer';

/** An example of `length` places whose ids are 1000 n and on, the first `prompt` of them not learned. */
const example = (length: number, n: number, prompt = 1): TokenExample => {
  const ids = Int32Array.from({ length }, (_, place) => 1000 * n + place);
  return { ids, targets: ids.map((id, place) => (place < prompt ? -100 : id + 1)) };
};
const lengths = [3, 9, 4, 4, 1, 7, 2, 9, 5, 6, 2, 8, 3];
const examples = lengths.map((length, n) => example(length, n + 1, 0));

describe('fitExamples', () => {
  it('cuts the ends and leaves out what has nothing to learn left, and tells which', () => {
    const { examples: fitted, cut, leftOut } = fitExamples([example(3, 1), example(6, 2), example(6, 3, 4)], 4);
    expect(fitted.map(({ ids }) => [...ids])).toEqual([
      [1000, 1001, 1002],
      [2000, 2001, 2002, 2003],
    ]);
    expect([...fitted[1]!.targets]).toEqual([-100, 2002, 2003, 2004]);
    expect([cut, leftOut]).toEqual([[1], [2]]);
    expect(() => fitExamples([example(6, 3, 4)], 4)).toThrow('none has anything to learn within 4 tokens');
  });
});

describe('packExamples', () => {
  it('keeps every example whole and once, its targets its own, at any length of window', () => {
    for (const seq of [9, 10, 13, 40, 100]) {
      const { ids, targets, count } = packExamples(examples, { seq });
      const found: number[][] = [];
      for (let window = 0; window < count; window++) {
        for (let at = window * seq; at < (window + 1) * seq && ids[at] !== 0;) {
          const { ids: own, targets: wanted } = examples[ids[at]! / 1000 - 1]!;
          expect(at + own.length).toBeLessThanOrEqual((window + 1) * seq);
          expect(ids.slice(at, at + own.length)).toEqual(own);
          expect(targets.slice(at, at + own.length)).toEqual(wanted);
          found.push([...own]);
          at += own.length;
        }
      }
      expect(found.toSorted((a, b) => a[0]! - b[0]!)).toEqual(examples.map(({ ids: own }) => [...own]));
      const used = lengths.reduce((sum, length) => sum + length);
      expect(targets.filter((target) => target !== -100)).toHaveLength(used);
      expect(ids.filter((id) => id !== 0)).toHaveLength(used);
    }
  });

  it('wastes little: 63 places fit into seven windows of 9, the least there can be', () => {
    expect(packExamples(examples, { seq: 9 }).count).toBe(7);
    expect(packExamples(examples, { seq: 63 }).count).toBe(1);
  });

  it('gives windows that tokenBatches takes', () => {
    const batches = tokenBatches(packExamples(examples, { seq: 9 }), { batch: 4 });
    expect(batches.weight(batches.at(0)) + batches.weight(batches.at(1))).toBe(63);
  });

  it('refuses what does not fit', () => {
    expect(() => packExamples(examples, { seq: 8 })).toThrow('example 1 of 13, with 9 tokens: a window holds 1 to 8');
    expect(() => packExamples([], { seq: 8 })).toThrow('no examples');
    expect(() => packExamples(examples, { seq: 1.5 })).toThrow('seq: 1.5');
  });
});

describe('lengthBatches', () => {
  const firsts = ({ ids, seq, batch }: { ids: Int32Array; seq: number; batch: number }) =>
    Array.from({ length: batch }, (_, row) => ids[row * seq]! / 1000);
  const many = Array.from({ length: 1203 }, (_, n) => example(1 + ((n * 7919) % 100), n + 1, 0));

  it('holds each example once an epoch, padded to the longest in its batch, targets unchanged', () => {
    const batches = lengthBatches(examples, { batch: 4, seed: 1 });
    expect(batches.batchesPerEpoch).toBe(4);
    for (const epoch of [0, 1, 2]) {
      const seen: number[] = [];
      for (let index = 0; index < 4; index++) {
        const batch = batches.at(epoch * 4 + index);
        const rows = firsts(batch);
        expect(batch.seq).toBe(Math.max(...rows.map((n) => lengths[n - 1]!)));
        rows.forEach((n, row) => {
          const own = examples[n - 1]!;
          const filling = Array(batch.seq - own.ids.length).fill(0);
          const at = [row * batch.seq, (row + 1) * batch.seq] as const;
          expect([...batch.ids.slice(...at)]).toEqual([...own.ids, ...filling]);
          expect([...batch.targets.slice(...at)]).toEqual([...own.targets, ...filling.map(() => -100)]);
        });
        expect(batches.weight(batch)).toBe(rows.reduce((sum, n) => sum + lengths[n - 1]!, 0));
        seen.push(...rows);
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual(lengths.map((_, n) => n + 1));
    }
  });

  it('puts like lengths together: a twentieth of the filling that chance would need', () => {
    const filling = (batches: ReturnType<typeof lengthBatches>) => {
      let places = 0;
      for (let index = 0; index < batches.batchesPerEpoch; index++) {
        const { batch, seq } = batches.at(index);
        places += batch * seq;
      }
      return places - many.reduce((sum, { ids }) => sum + ids.length, 0);
    };
    // Of 8 lengths uniform on 1 to 100 the largest is 89.3 on average, 38.8 above their mean.
    expect(filling(lengthBatches(many, { batch: 8, seed: 3 }))).toBeLessThan((1203 * 38.8) / 20);
    expect(filling(lengthBatches(many, { batch: 8, shuffle: false }))).toBeLessThan((1203 * 38.8) / 60);
  });

  it('is a pure function of the index, in another order each epoch and for each seed', () => {
    const orderOf = (seed: number, from: number) => {
      const batches = lengthBatches(many, { batch: 8, seed });
      return Array.from({ length: batches.batchesPerEpoch }, (_, index) => firsts(batches.at(from + index)).join());
    };
    const straight = orderOf(1, 0);
    const jumping = lengthBatches(many, { batch: 8, seed: 1 });
    for (const index of [150, 3, 99, 0])
      expect(firsts(jumping.at(index)).join()).toBe(straight[index] ?? orderOf(1, 151)[index - 151]!);
    const sets = [straight, orderOf(1, 151), orderOf(2, 0)];
    expect(sets[0]!.length).toBe(151);
    for (const [left, right] of [
      [0, 1],
      [0, 2],
    ] as const) {
      expect(sets[left]!.filter((batch) => sets[right]!.includes(batch)).length).toBeLessThan(5);
    }
  });

  it('goes from short to long, the same each epoch, where nothing is shuffled', () => {
    const batches = lengthBatches(examples, { batch: 5, shuffle: false });
    const all = [0, 1, 2, 3, 4, 5].map((index) => batches.at(index));
    expect(all.map(({ seq }) => seq)).toEqual([3, 7, 9, 3, 7, 9]);
    expect(all.flatMap(firsts).slice(0, 13)).toEqual([5, 7, 11, 1, 13, 3, 4, 9, 10, 6, 12, 2, 8]);
  });

  it('has another fingerprint for other data or another order', () => {
    const changed = examples.with(4, { ids: Int32Array.of(5000), targets: Int32Array.of(5002) });
    const options = { batch: 4, seed: 0 };
    const sources = [
      lengthBatches(examples, options),
      lengthBatches(changed, options),
      lengthBatches(examples.slice(1), options),
      lengthBatches(examples, { ...options, batch: 5 }),
      lengthBatches(examples, { ...options, seed: 1 }),
      lengthBatches(examples, { ...options, shuffle: false }),
    ];
    expect(new Set(sources.map(({ fingerprint }) => fingerprint)).size).toBe(6);
    expect(lengthBatches(examples, { batch: 4 }).fingerprint).toBe(sources[0]!.fingerprint);
  });

  it('refuses no examples, an empty one and a batch of none', () => {
    expect(() => lengthBatches([], { batch: 4 })).toThrow('no examples');
    expect(() => lengthBatches([example(2, 1), example(0, 2)], { batch: 4 })).toThrow(
      'example 1 of 2, without a token',
    );
    expect(() => lengthBatches(examples, { batch: 0 })).toThrow('batch: 0');
  });
});
