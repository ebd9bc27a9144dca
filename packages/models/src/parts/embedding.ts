import { embeddingLookup, type FrozenWeight } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OwnedModule } from '../module.js';

/** A frozen table of vectors, which it owns. */
export class Embedding implements OwnedModule {
  readonly kind = 'embedding';

  /** @param weight `[vocab, hidden]`; packed, that of a head, `[hidden, vocab]` */
  constructor(readonly weight: FrozenWeight) {}

  /** @param ids `[batch, seq]` int32 @returns `[batch, seq, hidden]` */
  forward(ids: Tensor): Tensor {
    return embeddingLookup(this.weight, ids);
  }

  dispose(): void {
    this.weight.dispose();
  }
}
