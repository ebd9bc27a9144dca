import { describe, expect, it } from '@lowrank/testing';
import { chooseWay } from './choose-way.js';

describe('chooseWay', () => {
  it.each([
    ['a linear layer', 1024, 256, 704, false, false, 'straight'],
    ['its gradient of x', 1024, 704, 256, false, true, 'straight'],
    ['a gradient of A, tall', 256, 1024, 8, true, false, 'straight'],
    ['a gradient of B, wide', 8, 1024, 256, true, false, 'turned'],
    ['few rows by a weight not seen before', 4, 256, 2048, false, false, 'turned'],
    ['one token by its keys', 1, 64, 256, false, true, 'loop'],
    ['tiny matrices', 4, 4, 4, false, false, 'loop'],
  ] as const)('takes the measured fastest way for %s', (_, rows, inner, columns, transposeA, transposeB, way) => {
    expect(chooseWay({ rows, inner, columns, transposeA, transposeB }, true)).toBe(way);
  });

  it('never loops where the loop is not to be had', () => {
    const shape = { rows: 1, inner: 4, columns: 4, transposeA: false, transposeB: false };
    expect(chooseWay(shape, false)).not.toBe('loop');
  });
});
