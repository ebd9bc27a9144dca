import { LowrankError, type Checkpoint, type Parameter, type PlainTensor } from '@lowrank/core';
import { tensor, tidy, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import { checkFingerprint, type Fingerprint } from './fingerprint.js';
import { valuesOf } from './optim/apply-update.js';

/** All that must be written down to go on later. */
export interface Standing {
  /** Updates done. */
  step: number;
  parameters: Parameter[];
  /** The optimiser's state, keyed `<slot>/<parameter name>`. */
  state: NamedTensorMap;
  fingerprint: Fingerprint;
}

/** Copies a run out of the backend. */
export async function takeCheckpoint({ step, parameters, state, fingerprint }: Standing): Promise<Checkpoint> {
  const named = Object.entries(tensorsOf(parameters, state));
  const plain = await Promise.all(named.map(async ([name, value]) => [name, await plainOf(value)] as const));
  return { step, tensors: new Map(plain), state: { run: fingerprint } };
}

/**
 * Puts a checkpoint's values into the parameters.
 *
 * @param standing where the run stands at its start; its state is untouched
 * @returns the optimiser's state of the checkpoint, owned by the caller
 * @throws `checkpoint-mismatch` before anything is changed
 */
export function restoreCheckpoint(
  checkpoint: Checkpoint,
  { parameters, state, fingerprint }: Omit<Standing, 'step'>,
): NamedTensorMap {
  checkFingerprint(fingerprint, checkpoint);
  checkTensors(checkpoint, tensorsOf(parameters, state));
  return tidy(() => {
    for (const { name, variable, initial } of parameters) {
      variable.assign(tensorOf(checkpoint, name));
      initial?.assign(tensorOf(checkpoint, startName(name)));
    }
    return Object.fromEntries(Object.keys(state).map((key) => [key, tensorOf(checkpoint, momentName(key))]));
  });
}

function tensorsOf(parameters: Parameter[], state: NamedTensorMap): NamedTensorMap {
  const moments = Object.entries(state).map(([key, value]) => [momentName(key), value]);
  const starts = parameters.flatMap(({ name, initial }) => (initial ? [[startName(name), initial]] : []));
  return { ...valuesOf(parameters), ...Object.fromEntries(starts), ...Object.fromEntries(moments) };
}

/** Frozen, but what the trained values mean depends on it. */
function startName(name: string): string {
  return `initial/${name}`;
}

function momentName(key: string): string {
  return `optimizer/${key}`;
}

async function plainOf(value: Tensor): Promise<PlainTensor> {
  return { shape: [...value.shape], data: Float32Array.from(await value.data()) };
}

function tensorOf({ tensors }: Checkpoint, name: string): Tensor {
  const { shape, data } = tensors.get(name) as PlainTensor;
  return tensor(data.slice(), shape, 'float32');
}

function checkTensors({ tensors }: Checkpoint, expected: NamedTensorMap): void {
  for (const name of new Set([...Object.keys(expected), ...tensors.keys()])) {
    const [here, there] = [shown(expected[name]), shown(tensors.get(name))];
    if (here === there) continue;
    throw new LowrankError('checkpoint-mismatch', {
      given: `"${name}": ${here} here, ${there} in the checkpoint`,
      rule: 'a run goes on with the parameters it began with',
      fix: 'add the adapter from the same plan, or start a new run',
    });
  }
}

function shown(value: { shape: number[] } | undefined): string {
  return value ? `[${value.shape.join(', ')}]` : 'nothing';
}
