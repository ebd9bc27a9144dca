import { LowrankError, patternValue } from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import { shown } from '../io/shown.js';
import type { PeftEntry } from './entry.js';

/**
 * Checks that entries are whole, of one rank each, and what their config says: its rank, biases on B, magnitudes,
 * trained rows, saved modules. Throws `adapter-mismatch` naming the module.
 *
 * @param given what messages call the adapter
 * @param config checked by `checkPeftConfig`
 */
export function checkEntries(given: string, entries: PeftEntry[], config: JsonObject): void {
  if (entries.length === 0) throw mismatch(given, 'it holds no factors');
  for (const entry of entries) {
    const where = `"${entry.path}" in ${given}`;
    if (entry.kind === 'embedding' || entry.kind === 'conv' || entry.kind === 'linear') {
      checkPair(where, entry, config);
    } else if (entry.kind === 'tokens') {
      checkRows(where, entry, config['trainable_token_indices']);
    }
  }
  const saved = config['modules_to_save'];
  if (Array.isArray(saved) && saved.length > 0 && !entries.some(({ kind }) => kind === 'module')) {
    throw mismatch(given, `it holds none of the modules to save, ${saved.join(', ')}`);
  }
}

function checkPair(where: string, { kind, path, tensors }: PeftEntry, config: JsonObject): void {
  const [nameA, nameB] =
    kind === 'embedding' ? ['lora_embedding_A', 'lora_embedding_B'] : ['lora_A.weight', 'lora_B.weight'];
  const [a, b] = [tensors.get(nameA), tensors.get(nameB)];
  const short = (name: string) => name.replace('.weight', '');
  if (!a || !b) {
    const [there, missing] = a ? [nameA, nameB] : [nameB, nameA];
    throw mismatch(where, tensors.has(there) ? `it has ${short(there)} but no ${short(missing)}` : 'it has no factors');
  }
  const sides = a.shape.length;
  if (sides < 2 || sides > 5 || b.shape.length !== sides) {
    throw mismatch(
      where,
      `lora_A has ${sides} sides, lora_B ${b.shape.length}; both have 2, or 3 to 5 in a convolution`,
    );
  }
  checkExtras(where, { kind, path, tensors }, config, b.shape[0] ?? 0);
  if (Array.isArray(config['target_parameters'])) return; // its factors may be stacked, one per expert
  const rank = a.shape[0];
  // The B of a convolution in groups is narrower.
  if (rank !== b.shape[1] && kind !== 'conv')
    throw mismatch(where, `lora_A is of rank ${rank}, lora_B of rank ${b.shape[1]}`);
  const wanted = patternValue((config['rank_pattern'] ?? {}) as Record<string, number>, path) ?? config['r'] ?? 8;
  if (rank !== wanted) throw mismatch(where, `its factors are of rank ${rank}, its config says ${shown(wanted)}`);
}

function checkExtras(where: string, { kind, tensors }: PeftEntry, config: JsonObject, out: number): void {
  const sides = tensors.get('lora_A.weight')?.shape.length ?? 2;
  const extras = [
    ['lora_B.bias', 'lora_bias', [out]],
    ['lora_magnitude_vector', 'use_dora', sides > 2 ? [1, out, ...Array<number>(sides - 2).fill(1)] : [out]],
  ] as const;
  for (const [name, key, shape] of extras) {
    const tensor = tensors.get(name);
    const asked = config[key] === true && !(kind === 'embedding' && key === 'lora_bias');
    if (!tensor && asked) throw mismatch(where, `its config says ${key}, and it has no ${name}`);
    if (!tensor) continue;
    if (!asked) throw mismatch(where, `it has ${name}, and its config does not say ${key}`);
    if (tensor.shape.join() !== shape.join()) {
      throw mismatch(where, `${name} is [${tensor.shape.join(', ')}] where [${shape.join(', ')}] fits lora_B`);
    }
  }
}

function checkRows(where: string, { path, tensors }: PeftEntry, indices: unknown): void {
  const rows = tensors.get('token_adapter.trainable_tokens_delta')?.shape ?? [];
  if (rows.length !== 2) throw mismatch(where, `trained rows have 2 sides, these ${rows.length}`);
  const isOf = ([name]: [string, unknown]) => path === name || path.endsWith(`.${name}`);
  const own: unknown = isList(indices) ? indices : Object.entries((indices ?? {}) as object).find(isOf)?.[1];
  if (!isList(own)) throw mismatch(where, 'it has trained rows, and its config has no trainable_token_indices for it');
  if (own.length !== rows[0]) throw mismatch(where, `it has ${rows[0]} trained rows, its config names ${own.length}`);
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function mismatch(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', { given, rule, fix: 'get or save the whole adapter again' });
}
