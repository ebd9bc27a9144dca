import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import { shown } from '../io/shown.js';

export interface MlxConfig {
  kind: 'lora' | 'dora';
  rank: number;
  /** PEFT's alpha / rank. */
  scale: number;
  dropout: number;
}

/** Throws `config-unsupported` or `config-invalid`, naming `file` and key. */
export function readMlxConfig(file: string, json: JsonObject): MlxConfig {
  const { fine_tune_type: kind = 'lora', lora_parameters: parameters } = json;
  if (kind !== 'lora' && kind !== 'dora') {
    throw new LowrankError(kind === 'full' ? 'config-unsupported' : 'config-invalid', {
      given: `"fine_tune_type": ${shown(kind)} in ${file}`,
      rule: 'lowrank reads MLX-LM adapters of type "lora" or "dora"',
      fix: 'train with --fine-tune-type lora',
    });
  }
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    throw invalid(file, 'lora_parameters', parameters, 'it holds rank, scale and dropout');
  }
  const { rank, scale, dropout = 0 } = parameters as JsonObject;
  if (!Number.isSafeInteger(rank) || (rank as number) < 1)
    throw invalid(file, 'rank', rank, 'a rank is a whole number of 1 or more');
  if (typeof scale !== 'number' || !(scale > 0 && Number.isFinite(scale * (rank as number)))) {
    throw invalid(file, 'scale', scale, 'a scale is a finite number above 0, not divided by the rank again');
  }
  if (typeof dropout !== 'number' || !(dropout >= 0 && dropout < 1)) {
    throw invalid(file, 'dropout', dropout, 'dropout is a probability, at least 0 and below 1');
  }
  return { kind, rank: rank as number, scale, dropout };
}

function invalid(file: string, key: string, value: unknown, rule: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `"${key}": ${shown(value)} in ${file}`,
    rule,
    fix: 'save the adapter again with MLX-LM',
  });
}
