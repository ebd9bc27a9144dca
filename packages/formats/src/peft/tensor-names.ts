import { loraTensorName, LowrankError, type LoraRole, type PlainTensor } from '@lowrank/core';
import { widened } from '../safetensors/widen.js';
import { transposed } from '../transposed.js';
import { entryKinds, type PeftEntry } from './entry.js';
import { prefix } from './files.js';

/**
 * The factors of a linear from PEFT's layout, A `[rank, in]` and B `[out, rank]`, to ours.
 * Throws `config-unsupported` for anything else that a PEFT file can hold, by name.
 */
export function fromPeft(file: string, { kind, path, tensors }: PeftEntry): [string, PlainTensor][] {
  const refuse = (role: string, what: string): never => {
    throw new LowrankError('config-unsupported', {
      given: `"${prefix}${path}${role && `.${role}`}" in ${file}`,
      rule: `it is ${what}; lowrank applies "${prefix}<path>.lora_A.weight" and ".lora_B.weight"`,
      fix: 'use an adapter of linear layers only',
    });
  };
  return Array.from(tensors, ([role, tensor]) => {
    if (kind !== 'linear') refuse(role, entryKinds[kind]);
    const own = /^(lora_[AB])\.weight$/.exec(role)?.[1];
    if (own === undefined) refuse(role, role === 'lora_B.bias' ? 'a bias on B (lora_bias)' : 'a magnitude of DoRA');
    return [loraTensorName(path, own as LoraRole), transposed(widened(`"${path}" in ${file}`, tensor))];
  });
}

/** A factor from our names and layout to PEFT's. */
export function toPeft(name: string, tensor: PlainTensor): [string, PlainTensor] {
  return [prefix + name, transposed(tensor)];
}
