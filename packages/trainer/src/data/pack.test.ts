import { describe, expect, it } from '@lowrank/testing';
import { packDocuments } from '@lowrank/trainer';

const documents = [[5, 6, 7], Int32Array.of(8), [9, 10, 11, 12]];

describe('packDocuments', () => {
  it('joins documents by the end token and cuts windows; the last is filled up', () => {
    const { ids, targets, count, seq } = packDocuments(documents, { seq: 4, endOfTextId: 1 });
    expect([count, seq]).toEqual([3, 4]);
    expect([...ids]).toEqual([5, 6, 7, 1, 8, 1, 9, 10, 11, 0, 0, 0]);
    expect([...targets]).toEqual([6, 7, 1, 8, 1, 9, 10, 11, 12, -100, -100, -100]);
  });

  it('joins them bare without an end token', () => {
    const { ids, targets } = packDocuments(documents, { seq: 7 });
    expect([...ids]).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect([...targets]).toEqual([6, 7, 8, 9, 10, 11, 12]);
  });

  it('predicts every token but the very first exactly once, at any length', () => {
    for (let length = 2; length < 30; length++) {
      for (let seq = 1; seq < 9; seq++) {
        const stream = Array.from({ length }, (_, index) => 100 + index);
        const { ids, targets, count } = packDocuments([stream], { seq });
        expect([...targets].filter((target) => target !== -100)).toEqual(stream.slice(1));
        expect([...ids].filter((_, index) => targets[index] !== -100)).toEqual(stream.slice(0, -1));
        expect([ids.length, targets.length]).toEqual([count * seq, count * seq]);
        expect(count * seq - (length - 1)).toBeLessThan(seq);
      }
    }
  });

  it('refuses what it cannot pack, saying which document', () => {
    expect(() => packDocuments([[1, 2], []], { seq: 4 })).toThrow('document 1 of 2, without a token');
    expect(() => packDocuments([[1]], { seq: 4 })).toThrow('1 tokens in all');
    expect(() => packDocuments([], { seq: 4 })).toThrow('0 tokens in all');
    expect(() => packDocuments([[1, 2]], { seq: 0 })).toThrow('seq: 0');
  });
});
