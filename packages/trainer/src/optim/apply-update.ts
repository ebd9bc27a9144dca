import type { Parameter } from '@lowrank/core';
import { dispose, tidy, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import type { Optimizer, Update, UpdateContext } from './optimizer.js';

/**
 * One update of the parameters from their gradients, all at once or none: where it throws, parameters and state are
 * as they were. A parameter without a gradient stays as it is, and its state too, as in PyTorch.
 *
 * @param state freed once the parameters have their new values
 * @returns the new state, owned by the caller
 */
export function applyUpdate(
  optimizer: Optimizer,
  parameters: Parameter[],
  gradients: NamedTensorMap,
  state: NamedTensorMap,
  context: Omit<UpdateContext, 'parameters'>,
): NamedTensorMap {
  const next = updated(() => optimizer.update(gradients, state, { ...context, parameters: valuesOf(parameters) }));
  // Nothing is computed from here on, so nothing can fail half-way.
  for (const { name, variable } of parameters) {
    if (name in next.parameters) variable.assign(next.parameters[name] as Tensor);
  }
  dispose(next.parameters);
  for (const key of Object.keys(next.state)) state[key]?.dispose();
  return { ...state, ...next.state };
}

/** The parameters' variables, by name. */
export function valuesOf(parameters: Parameter[]): NamedTensorMap {
  return Object.fromEntries(parameters.map(({ name, variable }) => [name, variable]));
}

/** What `update` gives, all else that it made freed. */
function updated(update: () => Update): Update {
  let result: Update | undefined;
  tidy(() => {
    result = update();
    return [...Object.values(result.parameters), ...Object.values(result.state)];
  });
  return result as Update;
}
