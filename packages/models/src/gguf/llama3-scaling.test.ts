import { describe, expect, it } from '@lowrank/testing';
import { llama3Scaling } from './llama3-scaling.js';

interface Settings {
  factor: number;
  low: number;
  high: number;
  original: number;
}

/** As llama.cpp's converter computes them. */
function factorsOf(headDim: number, theta: number, { factor, low, high, original }: Settings): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, index) => {
    const wave = 2 * Math.PI * theta ** ((2 * index) / headDim);
    if (wave < original / high) return 1;
    if (wave > original / low) return factor;
    const smooth = (original / wave - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

const settings: Settings[] = [
  { factor: 8, low: 1, high: 4, original: 8192 },
  { factor: 32, low: 1, high: 4, original: 8192 },
  { factor: 4, low: 1, high: 2.5, original: 6000 },
  { factor: 8, low: 1, high: 16, original: 4096 },
];

describe("llama3's scaling, out of what it divides the frequencies by,", () => {
  for (const headDim of [64, 128]) {
    for (const { factor, low, high, original } of settings) {
      it(`is found: ${factor}, up to ${high} turns in ${original}, heads of ${headDim}`, () => {
        expect(llama3Scaling(factorsOf(headDim, 500000, { factor, low, high, original }), 500000)).toEqual({
          rope_type: 'llama3',
          factor,
          low_freq_factor: low,
          high_freq_factor: high,
          original_max_position_embeddings: original,
        });
      });
    }
  }

  it('is one that gives the same where a few frequencies leave several', () => {
    const factors = factorsOf(8, 10000, { factor: 8, low: 2, high: 8, original: 128 });
    const found = llama3Scaling(factors, 10000)!;
    const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = found;
    const again = factorsOf(8, 10000, { factor: found.factor, low, high, original });
    for (const [index, factor] of factors.entries()) expect(again[index]! / factor).toBeCloseTo(1, 3);
  });

  it('is not found in what it does not make', () => {
    expect(llama3Scaling(Float32Array.of(1, 1, 2, 3, 2, 8, 8, 8), 500000)).toBeUndefined();
    expect(llama3Scaling(Float32Array.of(2, 2, 2, 2), 10000)).toBeUndefined();
  });
});
