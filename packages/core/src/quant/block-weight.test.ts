import {
  BlockWeight,
  bitsOf,
  codebooks,
  denseWeight,
  dequantise,
  embeddingLookup,
  frozenLinear,
  randomFloats,
} from '@lowrank/core';
import { checkOp, describe, errorOf, expect, expectClose, it, mapped, matMul64 } from '@lowrank/testing';
import { dispose, tensor2d, type Tensor1D } from '@tensorflow/tfjs-core';

const formats = ['int8', 'nf4', 'q4'] as const;
const [out, features, block] = [5, 75, 32]; // a last block of 11 values
const values = randomFloats(out * features, { distribution: 'normal', seed: 1 });
const packed = (format: (typeof formats)[number], rows = values) =>
  BlockWeight.fromRows(rows, [out, features], format, block);

/** What a block's values may become, for its scale: the nearest of these is right. */
function choices(format: (typeof formats)[number], part: Float32Array): number[] {
  const extreme = part.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  if (format === 'int8') return Array.from({ length: 255 }, (_, code) => ((code - 127) * Math.abs(extreme)) / 127);
  if (format === 'nf4') return [...codebooks.nf4].map((code) => code * Math.abs(extreme));
  return [...codebooks.q4].map((code) => (code * extreme) / -8);
}

describe('a weight in quantised blocks', () => {
  for (const format of formats) {
    it.onEachBackend(`${format}: gives each value as the nearest that its block can hold`, async () => {
      const weight = packed(format);
      const dense = dequantise(weight);
      const found = await dense.data();
      for (let row = 0; row < out; row++) {
        for (let from = 0; from < features; from += block) {
          const part = values.subarray(row * features + from, row * features + Math.min(features, from + block));
          const possible = choices(format, part);
          part.forEach((value, index) => {
            const nearest = possible.reduce((best, each) =>
              Math.abs(each - value) < Math.abs(best - value) ? each : best,
            );
            const is = found[row * features + from + index] as number;
            expect(Math.abs(is - value) - Math.abs(nearest - value)).toBeLessThan(2e-6);
            expect(Math.min(...possible.map((each) => Math.abs(each - is)))).toBeLessThan(2e-6);
          });
        }
      }
      dense.dispose();
      weight.dispose();
    });

    it.onEachBackend(`${format}: quantises what it stands for to itself`, async () => {
      const weight = packed(format);
      const once = dequantise(weight);
      const again = packed(format, (await once.data()) as Float32Array);
      const twice = dequantise(again);
      expectClose(twice, await once.data(), { atol: 1e-6, because: 'a scale is rounded once more' });
      dispose([once, twice]);
      weight.dispose();
      again.dispose();
    });

    it.onEachBackend(`${format}: passes a gradient as the values do that it stands for`, async ({ tensors }) => {
      const weight = packed(format);
      const dense = denseWeight(weight);
      const w = Float64Array.from(await dense.data());
      const bias = tensors.randn([out]) as Tensor1D;
      checkOp({
        inputs: [tensors.randn([3, features])],
        op: (x) => frozenLinear(x, weight, bias),
        reference: (x) =>
          mapped(matMul64(x, w, [3, features, out]), (y, at) => y + (bias.dataSync()[at % out] as number)),
        atol: 1e-5,
        because: 'sums of 75 products in float32',
      });
      dense.dispose();
      weight.dispose();
    });

    it(`${format}: takes its bits and a scale a block, and is freed whole`, () => {
      const weight = packed(format);
      const blocks = Math.ceil(features / block);
      expect(weight.bytes).toBe(out * ((blocks * block * bitsOf(format)) / 8 + blocks * 4));
      expect(weight.shape).toEqual([features, out]);
      weight.dispose();
      expect(weight.isDisposed).toBe(true);
    });
  }

  it('holds the first value in the lowest bits of a word, int8 in two’s complement', async () => {
    const int8 = BlockWeight.fromRows(Float32Array.of(127, -127, 1, -1), [1, 4], 'int8', 8);
    expect([...(await int8.packed.data())]).toEqual([0xff0181_7f | 0, 0]);
    const q4 = BlockWeight.fromRows(Float32Array.of(-8, 7, 0, 1), [1, 4], 'q4', 8);
    expect([...(await q4.packed.data())]).toEqual([0x8888_98f0 | 0]);
    expect([...(await q4.scales.data())]).toEqual([1]);
    int8.dispose();
    q4.dispose();
  });

  it.onEachBackend('gives rows of a packed table as unpacking all of it would', async () => {
    const table = packed('nf4');
    const [whole, ids] = [dequantise(table), tensor2d([4, 0, 0, 2], [2, 2], 'int32')];
    const rows = embeddingLookup(table, ids);
    const all = await whole.data();
    const expected = [4, 0, 0, 2].flatMap((id) => [...all.slice(id * features, (id + 1) * features)]);
    expect([...(await rows.data())]).toEqual(expected);
    expect(rows.shape).toEqual([2, 2, features]);
    dispose([whole, ids, rows]);
    table.dispose();
  });

  it('refuses what no block can hold, and shapes and blocks that do not fit', async () => {
    const codeOf = async (work: () => unknown) => (await errorOf(work)).code;
    expect(await codeOf(() => BlockWeight.fromRows(Float32Array.of(1, Infinity), [1, 2], 'nf4'))).toBe('not-finite');
    expect(await codeOf(() => BlockWeight.fromRows(Float32Array.of(1, 2, 3), [1, 2], 'int8'))).toBe('shape-mismatch');
    for (const block of [0, -8, 12, Number.NaN]) {
      expect(await codeOf(() => BlockWeight.fromRows(Float32Array.of(1), [1, 1], 'q4', block))).toBe('config-invalid');
    }
  });
});
