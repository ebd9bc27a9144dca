import type { Parameter } from '@lowrank/core';
import { dispose, tidy, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import type { Optimizer, Update, UpdateContext } from './optimizer.js';

/**
 * One update of the parameters from their gradients, all at once or none: where it throws, or the device says late that
 * it had no memory for it, parameters and state are as they were. A parameter without a gradient stays as it is, and its
 * state too, as in PyTorch.
 *
 * @param state freed once the parameters have their new values
 * @returns the new state, owned by the caller
 */
export async function applyUpdate(
  optimizer: Optimizer,
  parameters: Parameter[],
  gradients: NamedTensorMap,
  state: NamedTensorMap,
  context: Omit<UpdateContext, 'parameters'>,
): Promise<NamedTensorMap> {
  const next = updated(() => optimizer.update(gradients, state, { ...context, parameters: valuesOf(parameters) }));
  try {
    await done(next);
  } catch (error) {
    dispose([next.parameters, next.state]);
    throw error;
  }
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

/**
 * Waits for an update's smallest value. A graphics card answers each op at once, and only a read tells what it could not
 * do; the other backends have computed all values by now.
 */
async function done({ parameters }: Update): Promise<void> {
  const values = Object.values(parameters).filter(({ size }) => size > 0);
  if (values.length > 0) await values.reduce((least, value) => (value.size < least.size ? value : least)).data();
}
