import { describe, expect, it, watchArrays } from '@lowrank/testing';

describe('watchArrays', () => {
  it('sees what is made by a length, and still makes it', () => {
    using watch = watchArrays();
    const made: [make: () => { length: number } | ArrayBuffer, bytes: number][] = [
      [() => new Float32Array(1000), 4000],
      [() => new ArrayBuffer(77), 77],
      [() => new Array(50), 400],
      [() => Array.from({ length: 60 }), 480],
      [() => Uint16Array.from([1, 2, 3]), 6],
    ];
    for (const [make, bytes] of made) {
      watch.reset();
      const array = make();
      expect(watch.largest).toBe(bytes);
      expect(array instanceof ArrayBuffer ? array.byteLength : array.length).toBeGreaterThan(2);
    }
    expect(new Float32Array(2)).toBeInstanceOf(Float32Array);
    expect(Array.isArray(Array.from({ length: 2 }))).toBe(true);
  });

  it('takes a view of bytes that are there for nothing, and a lying length for what it asks', () => {
    const buffer = new ArrayBuffer(4096);
    using watch = watchArrays();
    expect(new Float32Array(buffer, 0, 4)).toHaveLength(4);
    expect(new Array(3, 4)).toEqual([3, 4]);
    expect(watch.largest).toBe(0);
    expect(() => new Uint8Array(2 ** 53)).toThrow(RangeError);
    expect(watch.largest).toBe(2 ** 53);
  });

  it('leaves all as it was', () => {
    const before = [Array, Float32Array, ArrayBuffer];
    watchArrays()[Symbol.dispose]();
    expect([Array, Float32Array, ArrayBuffer]).toEqual(before);
  });
});
