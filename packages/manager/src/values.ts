import {
  LowrankError,
  nearest,
  plainLora,
  type Adapter,
  type AdapterPlan,
  type LoraConfig,
  type Parameter,
  type PlainTensor,
} from '@lowrank/core';
import { clone, dispose, tensor, tidy, transpose, type Tensor } from '@tensorflow/tfjs-core';
import type { AdaptedModules } from './apply.js';
import type { Slot } from './slots.js';

/** Everything that an adapter trains, module after module. */
export function parametersOf(modules: AdaptedModules): Parameter[] {
  return Array.from(modules, ([path, module]) => module.parameters(path)).flat();
}

/**
 * The names of the values that lie on their side in an `Adapter`, outputs first as in the base's file and last here: the
 * weights of linears, `[out, in]`, and the kernels of convolutions, `[out, in / groups, ...kernel]`, that are saved whole.
 */
export function onTheirSide({ extras }: AdapterPlan): Set<string> {
  const turned = extras.filter(
    ({ kind, trains, fanInFanOut }) => trains === 'module' && turnedKinds.has(kind) && !fanInFanOut,
  );
  return new Set(turned.map(({ path }) => `${path}.weight`));
}

const turnedKinds: ReadonlySet<string> = new Set(['linear', 'conv1d', 'conv2d']);

/** The axes of `[...kernel, in, out]` as `[out, in, ...kernel]` has them. */
function outputsFirst({ length }: number[]): number[] {
  return [length - 1, length - 2, ...Array(length - 2).keys()];
}

/** The reverse. */
function outputsLast({ length }: number[]): number[] {
  return [...Array(length).keys()].slice(2).concat(1, 0);
}

/**
 * Puts an adapter's values into its modules. Throws `adapter-mismatch` for a missing, misshapen or left-over one,
 * `not-finite`; nothing is changed then.
 */
export function assignValues(modules: AdaptedModules, tensors: Adapter['tensors'], turned: Set<string>): void {
  const parameters = parametersOf(modules);
  checkNames([...parameters.map(({ name }) => name), ...savedAlong(modules).keys()], tensors);
  const values = parameters.map(({ name, variable }) => {
    const { shape } = variable;
    return checked(tensors, name, turned.has(name) ? outputsFirst(shape).map((axis) => shape[axis] as number) : shape);
  });
  parameters.forEach(({ name, variable }, at) => {
    const { data, shape } = values[at] as PlainTensor;
    tidy(() => {
      const value = tensor(data, shape);
      variable.assign(turned.has(name) ? transpose(value, outputsLast(shape)) : value);
    });
  });
}

/** The modules' values as plain data, copied out of the backend: as they are at the call, whatever changes them meanwhile. */
export async function readValues({ modules, config, turned }: Slot): Promise<Adapter> {
  const parameters = parametersOf(modules);
  const held = [
    ...parameters.map(({ name, variable }): [string, Tensor] => [
      name,
      turned.has(name) ? transpose(variable, outputsFirst(variable.shape)) : clone(variable),
    ]),
    ...Array.from(savedAlong(modules), ([name, value]): [string, Tensor] => [name, clone(value)]),
  ];
  // Where the factors started, of modules that add only what has changed since.
  const started = parameters.flatMap(({ name, initial }): [string, Tensor][] =>
    initial ? [[name, clone(initial)]] : [],
  );
  try {
    const adapter = { config: settled(config), tensors: await plain(held) };
    return started.length > 0 ? plainLora(adapter, { config, tensors: await plain(started) }) : adapter;
  } finally {
    dispose([...held, ...started].map(([, value]) => value));
  }
}

/** What was computed to start from is in the values, and is not to be computed again. */
function settled(config: LoraConfig): LoraConfig {
  return config.init === 'loftq' || config.init === 'eva' ? { ...config, init: 'kaiming' } : config;
}

async function plain(values: [string, Tensor][]): Promise<Adapter['tensors']> {
  const tensors = new Map<string, PlainTensor>();
  for (const [name, value] of values) {
    tensors.set(name, { shape: value.shape, data: Float32Array.from(await value.data()) });
  }
  return tensors;
}

function checked(tensors: Adapter['tensors'], name: string, shape: number[]): PlainTensor {
  const found = tensors.get(name);
  if (found && found.shape.join() === shape.join()) {
    checkFinite(name, found);
    return found;
  }
  throw mismatch(
    found ? `"${name}" of shape [${found.shape.join(', ')}]` : `no "${name}"`,
    `model and config make it [${shape.join(', ')}]`,
  );
}

function checkFinite(name: string, { data }: PlainTensor): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw new LowrankError('not-finite', {
    given: `value ${at} of "${name}": ${data[at]}`,
    rule: 'every value of an adapter must be finite',
    fix: 'take a checkpoint from before training diverged',
  });
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
