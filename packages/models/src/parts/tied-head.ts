import { BlockWeight, frozenLinear, type FrozenWeight } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OwnedModule } from '../module.js';
import type { Embedding } from './embedding.js';

/** An output head that reads the embedding's own table, `x tableᵀ`; it owns nothing. */
export class TiedHead implements OwnedModule {
  readonly kind = 'tied-head';

  constructor(private readonly embedding: Embedding) {}

  /** The base's table `[vocab, hidden]`, the embedding's own. */
  get weight(): FrozenWeight {
    return this.embedding.weight;
  }

  /** @param input `[..., hidden]` @returns `[..., vocab]` */
  forward(input: Tensor): Tensor {
    const { weight } = this.embedding;
    return frozenLinear(input, weight, undefined, { transposed: !(weight instanceof BlockWeight) });
  }

  dispose(): void {}
}
