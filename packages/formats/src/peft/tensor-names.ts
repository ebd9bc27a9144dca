import { LowrankError, type PlainTensor } from '@lowrank/core';
import { widened } from '../safetensors/widen.js';
import { transposed } from '../transposed.js';
import { entryKinds, type PeftEntry } from './entry.js';
import { prefix } from './files.js';

/**
 * What a PEFT file holds for one module under our names. Factors change their layout, A `[rank, in]` and B
 * `[out, rank]`, to ours; a bias of the base loses the mark that its module is adapted.
 * Throws `config-unsupported` for what lowrank cannot apply, by name.
 */
export function fromPeft(file: string, { kind, path, tensors }: PeftEntry): [string, PlainTensor][] {
  return Array.from(tensors, ([role, tensor]): [string, PlainTensor] => {
    if (kind !== 'linear' && kind !== 'module' && kind !== 'bias') throw unsupported(file, { kind, path }, role);
    const name = `${path}.${role.replace(/^base_layer\./, '')}`;
    const plain = widened(`"${path}" in ${file}`, tensor);
    return [name, isFactor(name) ? transposed(plain) : plain];
  });
}

/** Tensors under our names and in our layout as PEFT has them. A bias of an adapted module is marked as one. */
export function toPeft(tensors: ReadonlyMap<string, PlainTensor>): Map<string, PlainTensor> {
  const adapted = (path: string) => tensors.has(`${path}.lora_A.weight`);
  const named = Array.from(tensors, ([name, tensor]): [string, PlainTensor] => {
    const path = /^(.+)\.bias$/.exec(name)?.[1];
    const theirs = path !== undefined && adapted(path) ? `${path}.base_layer.bias` : name;
    return [prefix + theirs, isFactor(name) ? transposed(tensor) : tensor];
  });
  return new Map(named);
}

function isFactor(name: string): boolean {
  return /\.lora_[AB]\.weight$/.test(name);
}

function unsupported(file: string, { kind, path }: Omit<PeftEntry, 'tensors'>, role: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `"${prefix}${path}${role && `.${role}`}" in ${file}`,
    rule: `it is ${entryKinds[kind]}, which lowrank cannot apply`,
    fix: 'use an adapter without it',
  });
}
