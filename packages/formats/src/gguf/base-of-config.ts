import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import type { GgufAdapterOptions } from './write-adapter.js';

/**
 * What the GGUF file of an adapter says of its base, from the base's `config.json`.
 * Throws `model-unsupported` where the config does not tell it.
 *
 * @param file what messages call the config
 */
export function ggufBaseOf(config: JsonObject, file: string): Required<Omit<GgufAdapterOptions, 'dtype'>> {
  const heads = count(file, config, 'num_attention_heads', 'n_head');
  return {
    architecture: architectureOf(file, config['model_type']),
    heads,
    keyValueHeads:
      (config['num_key_value_heads'] ?? undefined) === undefined ? heads : count(file, config, 'num_key_value_heads'),
  };
}

/** llama.cpp has no family of its own for Mistral. */
function architectureOf(file: string, type: unknown): string {
  if (typeof type === 'string') return type === 'mistral' ? 'llama' : type;
  throw refused(`${file}: no "model_type"`, 'it says what llama.cpp calls the model');
}

function count(file: string, config: JsonObject, ...keys: string[]): number {
  const key = keys.find((name) => config[name] !== undefined) ?? (keys[0] as string);
  const value = config[key];
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw refused(`${file}: "${key}": ${JSON.stringify(value) ?? 'nothing'}`, 'it is a whole number of 1 or more');
}

function refused(given: string, rule: string): LowrankError {
  return new LowrankError('model-unsupported', { given, rule, fix: 'name the base that the adapter was trained on' });
}
