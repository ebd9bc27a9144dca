import type { NamedTensorMap } from '@tensorflow/tfjs-core';

/** What an update may depend on besides gradients and state. */
export interface UpdateContext {
  /** The update's number in the whole run, from 1. */
  step: number;
  learningRate: number;
  /** Global L2 norm of the gradients as they came from the loss. */
  gradientNorm: number;
  /** Values before the update, by parameter name. */
  parameters: NamedTensorMap;
}

/** What an update comes to; nothing was changed in place. */
export interface Update {
  /** The new values, by parameter name. */
  parameters: NamedTensorMap;
  state: NamedTensorMap;
}

/**
 * A step from gradients to new values, as a plain value. Both functions run in a `tidy` of the caller, which owns what
 * they return. All maps but the state are keyed by parameter name, so that an adapter added or taken away mixes
 * nothing up.
 */
export interface Optimizer {
  /** The state before the first update, keyed `<slot>/<parameter name>`. */
  init(parameters: NamedTensorMap): NamedTensorMap;
  update(gradients: NamedTensorMap, state: NamedTensorMap, context: UpdateContext): Update;
}

/** What happens to gradients before an optimiser reads them. It runs in a `tidy` of the caller. */
export type GradientTransform = (gradients: NamedTensorMap, context: UpdateContext) => NamedTensorMap;
