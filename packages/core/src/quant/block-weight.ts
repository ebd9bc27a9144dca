import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import { bitsOf, blockOf, type BlockFormat } from './block-format.js';
import { packRows } from './pack-rows.js';

/**
 * A frozen weight in blocks of packed values, which stays packed at rest. It is stored by outputs: row o holds the `in`
 * weights of output o, cut into blocks that share a scale; the last block is filled up with zeros. Value i lies in
 * word `i / perWord` from its lowest bits up, `perWord` being 4 for int8 (two's complement), 8 for 4-bit codes and 2 for
 * f16 and bf16, whose scales are 1.
 */
export class BlockWeight {
  /** As a dense weight's: `[in, out]`. */
  readonly shape: [input: number, output: number];

  /**
   * Owns both tensors.
   *
   * @param packed int32, `[out, blocks * block / perWord]`
   * @param scales `[out, blocks]`
   * @param block a multiple of 8
   */
  constructor(
    readonly format: BlockFormat,
    readonly packed: Tensor2D,
    readonly scales: Tensor2D,
    features: number,
    readonly block: number,
  ) {
    this.shape = [features, packed.shape[0]];
  }

  /**
   * Packs a weight that lies by outputs, as Hugging Face's files have it.
   *
   * @param values `[out, in]`
   * @throws `not-finite` for a value that no block can hold, `shape-mismatch`, `config-invalid` for the block
   */
  static fromRows(
    values: Float32Array,
    [out, features]: [out: number, features: number],
    format: BlockFormat,
    block = blockOf(format, features),
  ): BlockWeight {
    const { packed, scales } = packRows(values, [out, features], format, block);
    const blocks = Math.ceil(features / block);
    return new BlockWeight(
      format,
      tensor2d(packed, [out, (blocks * block * bitsOf(format)) / 32], 'int32'),
      tensor2d(scales, [out, blocks]),
      features,
      block,
    );
  }

  /** What it takes at rest. */
  get bytes(): number {
    return 4 * (this.packed.size + this.scales.size);
  }

  get isDisposed(): boolean {
    return this.packed.isDisposed;
  }

  dispose(): void {
    this.packed.dispose();
    this.scales.dispose();
  }
}
