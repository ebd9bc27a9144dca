import type { Tensor } from '@tensorflow/tfjs-core';
import type { AdaptedModule } from './adapted-module.js';

/** What every kind of layer with factors offers. */
export interface LoraLayer extends AdaptedModule {
  readonly rank: number;
  readonly alpha: number;
  /** What the update is multiplied by: as trained at first, and yours to change at run time. */
  scaling: number;
  /** The update in the shape of the weight, `[in, out]` of a linear, owned by the caller. */
  delta(): Tensor;
}
