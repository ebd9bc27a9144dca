import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import type { HostModule } from '../host/host.js';

/** What every kind of adapted layer offers. It owns its factors and a merged weight, never its base. */
export interface LoraLayer extends HostModule {
  readonly rank: number;
  readonly alpha: number;
  /** What the update is multiplied by. */
  readonly scaling: number;
  /** Off means the base's output to the bit, merged or not. */
  enabled: boolean;
  readonly merged: boolean;
  /** The update as a matrix, `[in, out]`, owned by the caller. */
  delta(): Tensor2D;
  /** Makes the forward pass cost what the base's does. Throws `not-finite` and changes nothing when the update is. */
  merge(): Promise<void>;
  /** Gives the base back bit for bit: it was never written to. */
  unmerge(): void;
  /** The trainable factors, named for a module at `path`. */
  parameters(path: string): Parameter[];
  dispose(): void;
}
