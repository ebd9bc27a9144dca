import { concat, keep, type Tensor4D } from '@tensorflow/tfjs-core';

/** Keys and values of the positions that a model has already read, layer by layer; it owns them. */
export class KvCache {
  readonly #layers: { keys: Tensor4D; values: Tensor4D }[] = [];

  /** Positions held. */
  get length(): number {
    return this.#layers[0]?.keys.shape[2] ?? 0;
  }

  /**
   * Adds the newest positions of one layer; takes over `keys` and `values`.
   *
   * @param keys `[batch, kvHeads, seq, headDim]`  @param values the same shape
   * @returns all positions so far, `[batch, kvHeads, kvSeq, headDim]`, still owned by the cache
   */
  append(layer: number, keys: Tensor4D, values: Tensor4D): { keys: Tensor4D; values: Tensor4D } {
    const past = this.#layers[layer];
    const all = past
      ? { keys: concat([past.keys, keys], 2), values: concat([past.values, values], 2) }
      : { keys, values };
    this.#layers[layer] = { keys: keep(all.keys), values: keep(all.values) };
    past?.keys.dispose();
    past?.values.dispose();
    return all;
  }

  dispose(): void {
    for (const { keys, values } of this.#layers.splice(0)) {
      keys.dispose();
      values.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
