import type { Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import type { HostModule } from './host.js';

/** What a frozen module shows of itself, so that an adapter can wrap it or train a copy of its tensors. */
export interface FrozenModule extends HostModule {
  /**
   * `[in, out]` of a linear, `[vocab, hidden]` of an embedding's table (packed `[hidden, vocab]`), `[hidden]` of a norm,
   * `[...kernel, in / groups, out]` of a convolution.
   */
  readonly weight: FrozenWeight | Tensor1D | Tensor3D | Tensor4D;
  readonly bias?: Tensor1D | undefined;
  /** Of a norm. */
  readonly epsilon?: number | undefined;
}
