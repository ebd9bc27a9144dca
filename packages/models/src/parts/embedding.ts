import { embeddingLookup } from '@lowrank/core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { OwnedModule } from '../module.js';

/** A frozen table of token vectors, `[vocab, hidden]`, which it owns. */
export class Embedding implements OwnedModule {
  readonly kind = 'embedding';

  constructor(readonly weight: Tensor2D) {}

  /** @param ids `[batch, seq]` int32 @returns `[batch, seq, hidden]` */
  forward(ids: Tensor): Tensor {
    return embeddingLookup(this.weight, ids);
  }

  dispose(): void {
    this.weight.dispose();
  }
}
