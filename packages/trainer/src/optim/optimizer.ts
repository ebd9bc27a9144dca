import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

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

/**
 * A step from gradients to what is added to the parameters, as a plain value that chains. Both functions run in
 * a `tidy` of the caller, which owns what they return. All maps but the state are keyed by parameter name, so that
 * an adapter added or taken away mixes nothing up.
 */
export interface Optimizer {
  /** The state before the first update, keyed `<slot>/<parameter name>`. */
  init(parameters: NamedTensorMap): NamedTensorMap;
  update(
    gradients: NamedTensorMap,
    state: NamedTensorMap,
    context: UpdateContext,
  ): { updates: NamedTensorMap; state: NamedTensorMap };
}

/** A part that remembers nothing: each tensor is mapped on its own. */
export function stateless(of: (tensor: Tensor, name: string, context: UpdateContext) => Tensor): Optimizer {
  return {
    init: () => ({}),
    update: (gradients, _state, context) => ({
      updates: mapTensors(gradients, (gradient, name) => of(gradient, name, context)),
      state: {},
    }),
  };
}

/** The same names with `of` applied to each tensor. */
export function mapTensors(tensors: NamedTensorMap, of: (tensor: Tensor, name: string) => Tensor): NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, of(tensor, name)]));
}
