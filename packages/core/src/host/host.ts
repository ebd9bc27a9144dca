import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModuleInfo } from '../plan/module-info.js';
import type { ForwardContext } from './forward-context.js';

/** A module that a host can hand out and take back: a frozen layer, or an adapter wrapped around one. */
export interface HostModule {
  readonly kind: string;
  forward(input: Tensor, context?: ForwardContext): Tensor;
}

/** A model whose modules can be replaced by path. The seam between model families and adapters. */
export interface Host {
  /** Every module that owns parameters, in forward order. */
  modules(): ModuleInfo[];
  /** The module now at `path`. Throws `target-not-found`. */
  get(path: string): HostModule;
  /** Puts `module` at `path`; ownership of neither the old nor the new one changes. Throws `target-not-found`. */
  replace(path: string, module: HostModule): void;
}
