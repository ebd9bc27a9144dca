import { describe, errorOf, expect, it } from '@lowrank/testing';
import { encodeSafetensors } from '@lowrank/formats';
import { open } from '../../test/safetensors-file.js';

const one = (...values: number[]) => new Map([['t', { shape: [values.length], data: Float32Array.of(...values) }]]);

describe('encodeSafetensors', () => {
  it('sorts names by their UTF-8 bytes, numbers and astral signs too', async () => {
    const names = ['10', '9', 'b', 'a', 'a.b', '\u{1f40b}', '\uffee'];
    const tensors = new Map(names.map((name) => [name, { shape: [1], data: Float32Array.of(1) }]));
    const sorted = names.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    expect([...(await open(encodeSafetensors(tensors))).tensors.keys()]).toEqual(sorted);
  });

  it('pads its header so that tensors begin at a multiple of 8', () => {
    for (const name of ['a', 'ab', 'abc', 'abcd']) {
      const file = encodeSafetensors(new Map([[name, { shape: [0], data: new Float32Array() }]]));
      expect(file.length % 8).toBe(0);
    }
  });

  it('keeps every bit in F32, and rounds to the nearest in F16 and BF16', async () => {
    const values = [1 / 3, -65504, 1e-40, 2 ** -24, -0];
    const read = async (dtype: 'F32' | 'F16' | 'BF16') =>
      Array.from((await (await open(encodeSafetensors(one(...values), { dtype }))).read('t')).data);
    expect(await read('F32')).toEqual(values.map(Math.fround));
    expect(await read('F16')).toEqual([1365 / 4096, -65504, 0, 2 ** -24, -0]);
    expect(await read('BF16')).toEqual([171 / 512, -65536, 1e-40 - (1e-40 % 2 ** -133), 2 ** -24, -0]);
  });

  it('writes a view of a larger array as that view', async () => {
    const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const file = await open(encodeSafetensors(new Map([['t', { shape: [2], data }]])));
    expect(Array.from((await file.read('t')).data)).toEqual([1, 2]);
  });

  it('refuses a finite value that would become infinite, and keeps infinities', async () => {
    const error = await errorOf(() => encodeSafetensors(one(1, 65520), { dtype: 'F16' }));
    expect(error).toMatchObject({ code: 'not-finite', given: 'tensor "t" holds 65520 at 1', fix: 'write BF16 or F32' });
    expect(await errorOf(() => encodeSafetensors(one(3.4e38), { dtype: 'BF16' }))).toMatchObject({
      code: 'not-finite',
    });
    const kept = await open(encodeSafetensors(one(-Infinity, NaN), { dtype: 'F16' }));
    expect(Array.from((await kept.read('t')).data)).toEqual([-Infinity, NaN]);
  });

  it('refuses a shape that its values do not fill, and the name of the metadata', async () => {
    const short = new Map([['t', { shape: [2, 2], data: new Float32Array(3) }]]);
    expect(await errorOf(() => encodeSafetensors(short))).toMatchObject({ code: 'shape-mismatch' });
    const named = new Map([['__metadata__', { shape: [1], data: new Float32Array(1) }]]);
    expect(await errorOf(() => encodeSafetensors(named))).toMatchObject({ code: 'shape-mismatch' });
  });
});
