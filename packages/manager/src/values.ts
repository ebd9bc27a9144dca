import { LowrankError, nearest, type Adapter, type AdapterPlan, type Parameter, type PlainTensor } from '@lowrank/core';
import { tensor, tidy, transpose, type Tensor } from '@tensorflow/tfjs-core';
import type { AdaptedModules } from './apply.js';
import type { Slot } from './slots.js';

/** Everything that an adapter trains, module after module. */
export function parametersOf(modules: AdaptedModules): Parameter[] {
  return Array.from(modules, ([path, module]) => module.parameters(path)).flat();
}

/**
 * The names of the values that lie on their side in an `Adapter`: the weights of linears saved whole, `[out, in]` as in
 * the base's file and `[in, out]` here.
 */
export function onTheirSide({ extras }: AdapterPlan): Set<string> {
  const linears = extras.filter(
    ({ kind, trains, fanInFanOut }) => kind === 'linear' && trains === 'module' && !fanInFanOut,
  );
  return new Set(linears.map(({ path }) => `${path}.weight`));
}

/** Puts an adapter's values into its modules. Throws `adapter-mismatch` for a missing, misshapen or left-over one. */
export function assignValues(modules: AdaptedModules, tensors: Adapter['tensors'], turned: Set<string>): void {
  const parameters = parametersOf(modules);
  checkNames([...parameters.map(({ name }) => name), ...savedAlong(modules).keys()], tensors);
  for (const { name, variable } of parameters) {
    const [rows, columns] = variable.shape;
    const shape = turned.has(name) ? [columns as number, rows as number] : variable.shape;
    const { data } = checked(tensors, name, shape);
    tidy(() => {
      const value = tensor(data, shape);
      variable.assign(turned.has(name) ? transpose(value) : value);
    });
  }
}

/** The modules' values as plain data, copied out of the backend. */
export async function readValues({ modules, config, turned }: Slot): Promise<Adapter> {
  const tensors = new Map<string, PlainTensor>();
  for (const { name, variable } of parametersOf(modules)) {
    const value: Tensor = turned.has(name) ? transpose(variable) : variable;
    const { shape } = value;
    tensors.set(name, { shape, data: Float32Array.from(await value.data()) });
    if (value !== variable) value.dispose();
  }
  for (const [name, value] of savedAlong(modules)) {
    tensors.set(name, { shape: value.shape, data: Float32Array.from(await value.data()) });
  }
  return { config, tensors };
}

function checked(tensors: Adapter['tensors'], name: string, shape: number[]): PlainTensor {
  const found = tensors.get(name);
  if (found && found.shape.join() === shape.join()) return found;
  throw mismatch(
    found ? `"${name}" of shape [${found.shape.join(', ')}]` : `no "${name}"`,
    `model and config make it [${shape.join(', ')}]`,
  );
}

/** What an adapter holds besides what it trains. */
export function savedAlong(modules: AdaptedModules): Map<string, Tensor> {
  return new Map(Array.from(modules, ([path, module]) => [...(module.savedAlong?.(path) ?? [])]).flat());
}

function checkNames(expected: string[], tensors: Adapter['tensors']): void {
  const names = new Set(expected);
  const stray = [...tensors.keys()].find((name) => !names.has(name));
  if (stray === undefined) return;
  throw mismatch(
    `tensor "${stray}"`,
    `nothing in model and config takes it (nearest: ${nearest(stray, names).join(', ')})`,
  );
}

function mismatch(given: string, rule: string): LowrankError {
  const fix = 'use the base it was trained on, and the whole adapter';
  return new LowrankError('adapter-mismatch', { given, rule, fix });
}
