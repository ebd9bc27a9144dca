import { layerNorm } from '@lowrank/core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { OwnedModule } from '../module.js';

/** A frozen layer normalisation; it owns its weight and bias, `[hidden]` each. */
export class LayerNorm implements OwnedModule {
  readonly kind = 'layer-norm';

  constructor(
    readonly weight: Tensor1D,
    readonly bias: Tensor1D,
    readonly epsilon: number,
  ) {}

  /** @param input `[..., hidden]` @returns the same shape */
  forward(input: Tensor): Tensor {
    return layerNorm(input, this.weight, this.bias, this.epsilon);
  }

  dispose(): void {
    this.weight.dispose();
    this.bias.dispose();
  }
}
