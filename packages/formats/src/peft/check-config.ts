import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import { shown } from '../io/shown.js';
import { honoured, nullable } from './config-keys.js';
import { checkHonoured } from './read-config.js';

/**
 * Checks what an `adapter_config.json` says, whatever of it lowrank can apply: the kind of adapter, the values of the
 * keys that lowrank honours, the shape of those that decide what its tensors are, and what PEFT itself refuses.
 * Throws `config-invalid`, or `config-unsupported` for an adapter that is no LoRA; both name `file` and key.
 */
export function checkPeftConfig(file: string, json: JsonObject): void {
  for (const [key, value] of Object.entries(json)) {
    const passed = value === null && (nullable.has(key) || key === 'target_modules');
    if (Object.hasOwn(honoured, key) && key !== 'init_lora_weights' && !passed) {
      checkHonoured(file, key as keyof typeof honoured, value);
    }
    const check = Object.hasOwn(shapes, key) ? shapes[key] : undefined;
    if (check && value !== null && !check.holds(value)) throw invalid(file, key, value, check.rule);
  }
  checkCombinations(file, json);
}

interface Shape {
  rule: string;
  holds(value: unknown): boolean;
}

const isText = (value: unknown) => typeof value === 'string';
const isListOf = (holds: (item: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(holds);
const shapes: Record<string, Shape> = {
  target_parameters: { rule: 'it is a list of names', holds: isListOf(isText) },
};

function checkCombinations(file: string, json: JsonObject): void {
  const has = (key: string) => {
    const value = json[key];
    return value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0);
  };
  const refuse = (key: string, rule: string) => {
    throw invalid(file, key, json[key], rule);
  };
  if (typeof json['target_modules'] === 'string') {
    for (const key of ['layers_to_transform', 'layers_pattern']) {
      if (has(key)) refuse(key, 'it needs a list of target_modules, not an expression');
    }
  }
  if (has('layers_pattern') && !has('layers_to_transform')) refuse('layers_pattern', 'it needs layers_to_transform');
  if (json['lora_bias'] === true) {
    if (json['use_dora'] === true) refuse('lora_bias', 'it does not go with use_dora');
    if (typeof (json['init_lora_weights'] ?? true) !== 'boolean')
      refuse('lora_bias', 'it needs a plain init_lora_weights');
  }
  const rank = json['r'] ?? 8;
  if (json['init_lora_weights'] === 'orthogonal' && (rank as number) % 2 === 1) {
    refuse('init_lora_weights', `it needs an even rank, and r is ${shown(rank)}`);
  }
}

function invalid(file: string, key: string, value: unknown, rule: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `"${key}": ${shown(value)} in ${file}`,
    rule,
    fix: 'save the adapter again with PEFT',
  });
}
