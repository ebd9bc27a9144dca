import { rmsNorm } from '@lowrank/core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { OwnedModule } from '../module.js';

/** A frozen root-mean-square norm; it owns its weight `[hidden]`. */
export class RmsNorm implements OwnedModule {
  readonly kind = 'norm';

  constructor(
    readonly weight: Tensor1D,
    readonly epsilon: number,
  ) {}

  /** @param input `[..., hidden]` @returns the same shape */
  forward(input: Tensor): Tensor {
    return rmsNorm(input, this.weight, this.epsilon);
  }

  dispose(): void {
    this.weight.dispose();
  }
}
