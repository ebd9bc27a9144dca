import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import type { ForwardContext } from '../host/forward-context.js';
import type { HostModule } from '../host/host.js';

/** What merging gives the base in place of its own. */
export interface MergedTensors<Weight extends Tensor = Tensor> {
  /** Dense, in the shape of the base's own, `[vocab, hidden]` of an embedding. */
  weight: Weight;
  /** `[out]` */
  bias?: Tensor1D;
}

/** A module of a host with an adapter's own tensors in it. It owns those and what merging makes, never its base. */
export interface AdaptedModule extends HostModule {
  /** Off means the base's output to the bit, merged or not. */
  enabled: boolean;
  /** Whether `weight` and `bias` hold all that the module does, so that a forward pass costs what the base's does. */
  readonly merged: boolean;
  /**
   * What it adds to the base's output: `forward(input) - frozen`, so that several modules over one base add up. A module
   * that takes the base's place, trained whole, has none.
   *
   * @param frozen the base's output for `input`
   * @returns the shape of `frozen`, owned by the caller
   */
  update?(input: Tensor, frozen: Tensor, context?: ForwardContext): Tensor;
  /** The tensors with which a plain module of its kind would do the same, owned by the caller; undefined where it is one. */
  mergedTensors(): MergedTensors | undefined;
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
