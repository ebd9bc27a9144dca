import { LowrankError, parseLoraTensorName, type LoraRole, type PlainTensor } from '@lowrank/core';
import { transposed } from '../transposed.js';

/** What PEFT puts before a path: its wrapper and the wrapper's model. */
const prefix = 'base_model.model.';

/** A factor from PEFT's names and layout to ours. PEFT keeps A as `[rank, in]` and B as `[out, rank]`. */
export function fromPeft(name: string, tensor: PlainTensor): [string, PlainTensor] {
  return [name.slice(prefix.length), transposed(tensor)];
}

/** A factor from our names and layout to PEFT's. */
export function toPeft(name: string, tensor: PlainTensor): [string, PlainTensor] {
  return [prefix + name, transposed(tensor)];
}

/**
 * The module path and role in a name of a PEFT file.
 * Throws `config-unsupported` for a tensor of another kind, by name.
 */
export function parsePeftName(file: string, name: string): { path: string; role: LoraRole } {
  const factor = name.startsWith(prefix) ? parseLoraTensorName(name.slice(prefix.length)) : undefined;
  if (factor) return factor;
  const kind = otherKinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'a tensor that is no factor of a linear';
  throw new LowrankError('config-unsupported', {
    given: `"${name}" in ${file}`,
    rule: `it is ${kind}; lowrank reads "${prefix}<path>.lora_A.weight" and ".lora_B.weight"`,
    fix: 'use an adapter of linear layers only',
  });
}

const otherKinds: [RegExp, string][] = [
  [/lora_embedding_[AB]/, 'an adapter of an embedding'],
  [/lora_magnitude_vector/, 'a magnitude of DoRA'],
  [/lora_[AB]\.bias$/, 'a bias on a factor (lora_bias)'],
  [/\.lora_[AB]\.[^.]+\.weight$/, 'a factor that still carries its adapter’s name'],
  [/token_adapter/, 'a set of trained token rows'],
  [/base_layer/, 'a tensor of the base, saved along'],
  [/^(?!base_model\.model\.)/, 'a name without PEFT’s prefix'],
  [/\.(weight|bias)$/, 'a tensor of a whole module, saved along (modules_to_save)'],
];
