import type { Parameter } from '@lowrank/core';
import { add, tidy, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import type { Optimizer, UpdateContext } from './optimizer.js';

/**
 * One update of the parameters from their gradients, all at once or none.
 *
 * @param state freed, but for what the new one keeps
 * @returns the new state, owned by the caller
 */
export function applyUpdate(
  optimizer: Optimizer,
  parameters: Parameter[],
  gradients: NamedTensorMap,
  state: NamedTensorMap,
  context: Omit<UpdateContext, 'parameters'>,
): NamedTensorMap {
  const next = tidy(() => {
    const result = optimizer.update(gradients, state, { ...context, parameters: valuesOf(parameters) });
    const values = parameters.map(({ name, variable }) => add(variable, result.updates[name] as Tensor));
    parameters.forEach(({ variable }, index) => variable.assign(values[index] as Tensor));
    return result.state;
  });
  for (const [key, tensor] of Object.entries(state)) if (next[key] !== tensor) tensor.dispose();
  return next;
}

/** The parameters' variables, by name. */
export function valuesOf(parameters: Parameter[]): NamedTensorMap {
  return Object.fromEntries(parameters.map(({ name, variable }) => [name, variable]));
}
