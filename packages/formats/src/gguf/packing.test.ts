import { describe, expect, it } from '@lowrank/testing';
import {
  fileSource,
  ggufBlocks,
  ggufPacking,
  halvedRotary,
  halvedRotaryStored,
  openGguf,
  unpackGguf,
  type GgufFile,
} from '@lowrank/formats';
import { golden } from '../../test/golden.js';

async function withBlocks(body: (file: GgufFile) => Promise<void>): Promise<void> {
  const file = await openGguf(await fileSource(golden('gguf/blocks.gguf')));
  await body(file);
  await file.close();
}

/** Code times scale, read out of the words from their lowest bits up. */
function valuesOf(packed: Int32Array, scales: Float32Array, bits: 4 | 8, block: number): number[] {
  return Array.from({ length: (packed.length * 32) / bits }, (_, index) => {
    const word = BigInt.asUintN(32, BigInt(packed[Math.floor((index * bits) / 32)] as number));
    const code = Number((word >> BigInt((index * bits) % 32)) & BigInt(2 ** bits - 1));
    const signed = bits === 4 ? code - 8 : code > 127 ? code - 256 : code;
    return Math.fround(signed * (scales[Math.floor(index / block)] as number));
  });
}

describe('a packed GGUF matrix as blocks', () => {
  for (const [type, format, block] of [
    ['Q4_0', 'q4', 32],
    ['Q5_0', 'int8', 32],
    ['Q8_0', 'int8', 32],
    ['Q6_K', 'int8', 16],
  ] as const) {
    it(`keeps each value of ${type} bit for bit`, () =>
      withBlocks(async (file) => {
        expect(ggufPacking(type)).toEqual({ format, block, exact: true });
        const { packed, scales } = ggufBlocks(await file.readStored(type))!;
        const { data, shape } = await file.read(type);
        expect(scales.length).toBe((shape[0]! * shape[1]!) / block);
        expect(valuesOf(packed, scales, format === 'q4' ? 4 : 8, block)).toEqual(Array.from(data));
      }));
  }

  it('is not made of types that have a least value, or that are not packed', () =>
    withBlocks(async (file) => {
      for (const type of ['Q4_1', 'Q5_1', 'Q4_K', 'Q5_K'] as const) {
        expect(ggufPacking(type)).toEqual({ format: 'int8', block: 32, exact: false });
        expect(ggufBlocks(await file.readStored(type))).toBeUndefined();
      }
      for (const type of ['F32', 'F16', 'BF16'] as const) {
        expect(ggufPacking(type)).toBeUndefined();
        expect(ggufBlocks(await file.readStored(type))).toBeUndefined();
      }
    }));
});

it('the rows of a tensor move alike, packed and unpacked', async () => {
  const file = await openGguf(await fileSource(golden('gguf/quantised.gguf')));
  const heads = { 'blk.1.attn_q.weight': 4, 'blk.0.attn_k.weight': 2, 'blk.1.attn_q.bias': 4 };
  for (const [name, count] of Object.entries(heads)) {
    const moved = unpackGguf(name, halvedRotaryStored(await file.readStored(name), count));
    expect(moved).not.toEqual(await file.read(name));
    expect(moved).toEqual(halvedRotary(await file.read(name), count));
  }
  await file.close();
});
