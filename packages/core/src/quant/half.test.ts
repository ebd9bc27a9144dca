import { narrowToBf16, narrowToF16, widenBf16, widenF16 } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

const codes = Uint16Array.from({ length: 65536 }, (_, code) => code);

/** The value of a code by the definition, (-1)^s · 2^e · 1.f, in float64. */
function valueOf(code: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = code & 0x8000 ? -1 : 1;
  const exponent = (code & 0x7fff) >> fractionBits;
  const fraction = (code & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === 2 ** exponentBits - 1) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

const formats = [
  { name: 'F16', exponentBits: 5, widen: widenF16, narrow: narrowToF16 },
  { name: 'BF16', exponentBits: 8, widen: widenBf16, narrow: narrowToBf16 },
];

for (const { name, exponentBits, widen, narrow } of formats) {
  const infinity = (2 ** exponentBits - 1) << (15 - exponentBits);

  describe(name, () => {
    it('widens each of the 65,536 codes to the value of its definition', () => {
      const wrong = Array.from(widen(codes)).filter((value, code) => !Object.is(value, valueOf(code, exponentBits)));
      expect(wrong).toEqual([]);
    });

    it('narrows each of its values back to its own code, and NaN to a NaN of the same sign', () => {
      const back = narrow(widen(codes));
      const wrong = codes.filter((code) => {
        if ((code & 0x7fff) > infinity) return (back[code] as number) >>> 15 !== code >>> 15 || !isNan(back[code]);
        return back[code] !== code;
      });
      expect(Array.from(wrong)).toEqual([]);
    });

    it('rounds the middle of each two neighbours to the even code, and either side of it to the nearer', () => {
      const lower = codes.filter((code) => (code & 0x7fff) < infinity);
      const wrong: number[] = [];
      for (const code of lower) {
        // The neighbour of the largest value is where the next power of two would be.
        const top = (code & 0x7fff) === infinity - 1;
        const low = valueOf(code, exponentBits);
        const high = top ? 2 * low - valueOf(code - 1, exponentBits) : valueOf(code + 1, exponentBits);
        const middle = (low + high) / 2;
        const [below, at, above] = narrow(Float32Array.of(...around(middle)));
        const even = code % 2 === 0 ? code : code + 1;
        if (at !== even || below !== code || above !== code + 1) wrong.push(code);
      }
      expect(wrong).toEqual([]);
    }, 20_000);

    const isNan = (code: number | undefined) => ((code as number) & 0x7fff) > infinity;
  });
}

/** The float32 values next to `middle`, itself between them, in order of size without sign. */
function around(middle: number): [number, number, number] {
  const bits = new Int32Array(new Float32Array([middle]).buffer);
  const at = bits[0] as number;
  const [below, above] = new Float32Array(Int32Array.of(at - 1, at + 1).buffer) as unknown as [number, number];
  return [below, middle, above];
}
