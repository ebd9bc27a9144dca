import type { PlainTensor } from '@lowrank/core/plan';
import { widened } from '../safetensors/widen.js';
import { transposed } from '../transposed.js';
import { kernelFromPeft, kernelToPeft, magnitudeFromPeft, magnitudeToPeft } from './conv-layout.js';
import type { PeftEntry } from './entry.js';
import { prefix } from './files.js';
import { savedOnce } from './saved-once.js';

/**
 * What a PEFT file holds for one module under our names. Factors change their layout, A `[rank, in, ...kernel]` and B
 * `[out, rank, ...1]`, to ours; a bias of the base loses the mark that its module is adapted, and a saved module's comes once.
 */
export function fromPeft(file: string, entry: PeftEntry): [string, PlainTensor][] {
  const { kind, path } = entry;
  const tensors = kind === 'module' ? savedOnce(file, entry) : entry.tensors;
  return Array.from(tensors, ([role, tensor]): [string, PlainTensor] => {
    const name = `${path}.${kind === 'bias' ? 'bias' : role}`;
    const plain = widened(`"${path}" in ${file}`, tensor);
    return [name, isMagnitude(name) ? magnitudeFromPeft(plain) : isFactor(name) ? factorFromPeft(plain) : plain];
  });
}

/** Tensors under our names and in our layout as PEFT has them. A bias of an adapted module is marked as one. */
export function toPeft(tensors: ReadonlyMap<string, PlainTensor>): Map<string, PlainTensor> {
  const adapted = (path: string) => tensors.has(`${path}.lora_A.weight`);
  const named = Array.from(tensors, ([name, tensor]): [string, PlainTensor] => {
    const path = /^(.+)\.bias$/.exec(name)?.[1];
    const theirs = path !== undefined && adapted(path) ? `${path}.base_layer.bias` : name;
    return [prefix + theirs, toTheirs(name, tensor, tensors)];
  });
  return new Map(named);
}

function toTheirs(name: string, tensor: PlainTensor, all: ReadonlyMap<string, PlainTensor>): PlainTensor {
  if (isMagnitude(name)) {
    const a = all.get(name.replace(/lora_magnitude_vector$/, 'lora_A.weight'));
    return magnitudeToPeft(tensor, (a?.shape.length ?? 2) - 2);
  }
  if (!isFactor(name)) return tensor;
  return tensor.shape.length === 2 ? transposed(tensor) : kernelToPeft(tensor);
}

function factorFromPeft(tensor: PlainTensor): PlainTensor {
  return tensor.shape.length === 2 ? transposed(tensor) : kernelFromPeft(tensor);
}

function isMagnitude(name: string): boolean {
  return name.endsWith('.lora_magnitude_vector');
}

function isFactor(name: string): boolean {
  return /\.lora_([AB]\.weight|embedding_[AB])$/.test(name);
}
