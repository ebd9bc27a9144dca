import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import type { HostModule } from '../host/host.js';
import { frozenLinear } from '../ops/frozen-linear.js';

/** A linear layer that never learns: `y = x W + bias`. It owns its weight and bias. */
export class FrozenLinear implements HostModule {
  readonly kind = 'linear';

  /**
   * @param weight `[in, out]`, dense or packed in blocks
   * @param bias `[out]`
   */
  constructor(
    readonly weight: FrozenWeight,
    readonly bias?: Tensor1D,
  ) {}

  get in(): number {
    return this.weight.shape[0];
  }

  get out(): number {
    return this.weight.shape[1];
  }

  /** @param input `[..., in]` @returns `[..., out]` */
  forward(input: Tensor): Tensor {
    return frozenLinear(input, this.weight, this.bias);
  }

  dispose(): void {
    this.weight.dispose();
    this.bias?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
