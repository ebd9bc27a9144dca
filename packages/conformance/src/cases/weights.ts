import { BlockWeight, type BlockFormat, type FrozenWeight } from '@lowrank/core';
import { tensor2d } from '@tensorflow/tfjs-core';
import type { Own } from '../owning.js';
import { transposed64 } from '../reference/matrix64.js';
import { unpacked64 } from '../reference/unpacked64.js';
import { randn } from '../values.js';

/** A frozen weight's two faces: as the backend is given it, and as the numbers that it stands for, `[in, out]`. */
export interface Weight {
  make: (own: Own) => FrozenWeight;
  values: Float64Array;
}

export interface Packing {
  format: BlockFormat;
  block: number;
}

/** A seeded weight of deviation `1 / √in`, so that outputs have size 1: dense, or quantised by `packing`. */
export async function seededWeight(features: number, out: number, seed: number, packing?: Packing): Promise<Weight> {
  const { data } = randn([features, out], seed, 1 / Math.sqrt(features));
  if (!packing) {
    return { make: (own) => own(tensor2d(data.slice(), [features, out])), values: Float64Array.from(data) };
  }
  const rows = Float32Array.from(transposed64(data, [features, out]));
  return {
    make: (own) => own(BlockWeight.fromRows(rows, [out, features], packing.format, packing.block)),
    values: transposed64(await meaning(rows, [out, features], packing), [out, features]),
  };
}

/** What is left of `rows`, `[out, in]`, when they are packed. */
export async function meaning(
  rows: Float32Array,
  [out, features]: [out: number, features: number],
  { format, block }: Packing,
): Promise<Float32Array> {
  const weight = BlockWeight.fromRows(rows, [out, features], format, block);
  try {
    const [words, scales] = await Promise.all([weight.packed.data(), weight.scales.data()]);
    return unpacked64({
      format,
      words: words as Int32Array,
      scales: scales as Float32Array,
      in: features,
      out,
      block,
    });
  } finally {
    weight.dispose();
  }
}

/** Every format with each block size, on row lengths that end within a block, within a word, or with neither. */
export const packings: (Packing & { in: number })[] = (['int8', 'nf4', 'q4', 'f16', 'bf16'] as const).flatMap(
  (format) => [32, 64].flatMap((block) => [37, 100, 128].map((features) => ({ format, block, in: features }))),
);
