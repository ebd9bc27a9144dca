import { concat, keep, slice, tidy, type Tensor4D } from '@tensorflow/tfjs-core';

/** Keys and values of the positions that a model has already read, layer by layer; it owns them. */
export class KvCache {
  readonly #layers: { keys: Tensor4D; values: Tensor4D; length: number }[] = [];

  /** Positions read so far. */
  get length(): number {
    return this.#layers[0]?.length ?? 0;
  }

  /**
   * Adds the newest positions of one layer; takes over `keys` and `values`.
   *
   * @param keys `[batch, kvHeads, seq, headDim]`  @param values the same shape
   * @param window how many of the last keys a query sees; what none of these sees any more is let go
   * @returns the positions so far, those let go left out, `[batch, kvHeads, kvSeq, headDim]`; still owned by the cache
   */
  append(layer: number, keys: Tensor4D, values: Tensor4D, window = Infinity): { keys: Tensor4D; values: Tensor4D } {
    const past = this.#layers[layer];
    const joined = (before: Tensor4D, now: Tensor4D) => tidy(() => concat([last(before, window - 1), now], 2));
    const all = past ? { keys: joined(past.keys, keys), values: joined(past.values, values) } : { keys, values };
    const length = (past?.length ?? 0) + (keys.shape[2] as number);
    this.#layers[layer] = { keys: keep(all.keys), values: keep(all.values), length };
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

/** The last `count` positions of `[batch, kvHeads, kvSeq, headDim]`, or all where there are fewer. */
function last(x: Tensor4D, count: number): Tensor4D {
  const held = x.shape[2];
  return count >= held ? x : slice(x, [0, 0, held - count, 0], [-1, -1, count, -1]);
}
