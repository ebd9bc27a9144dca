import type { Tensor } from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import type { HostModule } from '../host/host.js';

/** A module of a host with an adapter's own tensors in it. It owns those and what merging makes, never its base. */
export interface AdaptedModule extends HostModule {
  /** Off means the base's output to the bit, merged or not. */
  enabled: boolean;
  /** Whether `weight` and `bias` hold all that the module does, so that a forward pass costs what the base's does. */
  readonly merged: boolean;
  /** Makes it so. Throws `not-finite` and changes nothing when a value would not be finite. */
  merge(): Promise<void>;
  /** Gives the base back bit for bit: it was never written to. */
  unmerge(): void;
  /** The trainable tensors, named for a module at `path`. */
  parameters(path: string): Parameter[];
  /** What is not trained but must be saved with it, in the layout of an `Adapter`; still owned by the module. */
  savedAlong?(path: string): Map<string, Tensor>;
  dispose(): void;
}
