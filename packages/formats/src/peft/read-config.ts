import {
  inChosenLayers,
  loraConfig,
  LowrankError,
  matchTargets,
  nearest,
  patternValue,
  type LoraConfig,
  type LoraConfigInput,
} from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import { shown } from '../io/shown.js';
import { defaults, honoured, ignored, initFromPeft, nullable, refused } from './config-keys.js';

/**
 * PEFT's `adapter_config.json` as our config. Missing keys take PEFT's defaults.
 * Throws `config-invalid` for a wrong value or an unknown key that is not empty, `config-unsupported` for a
 * feature that we lack; both name `file` and key.
 */
export function readPeftConfig(file: string, json: JsonObject): LoraConfig {
  for (const key of Object.keys(refused)) checkRefused(file, key, json[key]);
  const input: Record<string, unknown> = {};
  for (const [key, value] of Object.entries({ target_modules: null, ...json })) {
    if (isHonoured(key)) {
      if (value === null && nullable.has(key)) continue;
      input[honoured[key]] = checkHonoured(file, key, value);
    } else if (!Object.hasOwn(refused, key) && !ignored.has(key) && !isEmpty(value)) {
      throw new LowrankError('config-invalid', {
        given: `"${key}": ${shown(value)} in ${file}`,
        rule: 'it is not a key that lowrank knows, and it might change the maths',
        fix: `nearest here: ${nearest(key, Object.keys(defaults)).join(', ')}`,
      });
    }
  }
  return loraConfig(input as LoraConfigInput);
}

/** Throws unless a config is one of LoRA. */
export function checkType(file: string, { peft_type: type }: JsonObject): void {
  if (type === 'LORA') return;
  throw new LowrankError(typeof type === 'string' ? 'config-unsupported' : 'config-invalid', {
    given: `${type === undefined ? 'no "peft_type"' : `"peft_type": ${shown(type)}`} in ${file}`,
    rule: 'lowrank reads adapters of type "LORA"',
    fix: 'give the folder of a LoRA adapter saved by PEFT',
  });
}

/** The value in our terms, checked alone by `loraConfig` so that the message can say PEFT's name for it. */
export function checkHonoured(file: string, key: keyof typeof honoured, value: unknown): unknown {
  const given = `"${key}": ${shown(value)} in ${file}`;
  if (key === 'target_modules' && value === null) {
    throw new LowrankError('config-invalid', {
      given,
      rule: 'a saved adapter names its targets',
      fix: 'list the module names that it adapts',
    });
  }
  const ours = key === 'init_lora_weights' ? checkInit(given, value) : value;
  try {
    const beside = key === 'layers_pattern' ? { layersToTransform: 0 } : {};
    checkExpressions(loraConfig({ targetModules: ['any'], ...beside, [honoured[key]]: ours } as never));
  } catch (error) {
    if (!LowrankError.is(error)) throw error;
    throw new LowrankError(error.code, { given, rule: error.rule, fix: error.fix });
  }
  return ours;
}

/** Throws `config-invalid` for a text that should be an expression and is none. */
function checkExpressions({ rankPattern, alphaPattern, ...config }: LoraConfig): void {
  matchTargets(config, [{ path: 'any', kind: 'linear', parameters: 0, bytes: 0 }]);
  inChosenLayers(config, 'any.0.any');
  for (const key of Object.keys({ ...rankPattern, ...alphaPattern })) patternValue({ [key]: 1 }, 'any');
}

function checkInit(given: string, value: unknown): LoraConfig['init'] {
  const init = initFromPeft(value);
  if (init) return init;
  throw new LowrankError(typeof value === 'string' ? 'config-unsupported' : 'config-invalid', {
    given,
    rule: 'lowrank reads adapters whose start left the base as it was: true, false, "gaussian", "orthogonal", "eva"',
    fix:
      'convert it to plain LoRA in PEFT: load it on its base, save the fresh start of the same config beside it, and give ' +
      'that to save_pretrained as path_initial_model_for_weight_conversion',
  });
}

function checkRefused(file: string, key: string, value: unknown): void {
  if (isEmpty(value) || value === defaults[key as keyof typeof defaults]) return;
  throw new LowrankError('config-unsupported', {
    given: `"${key}": ${shown(value)} in ${file}`,
    rule: `it asks for ${refused[key]}, which lowrank does not do`,
    fix: 'use an adapter without it',
  });
}

function isHonoured(key: string): key is keyof typeof honoured {
  return Object.hasOwn(honoured, key);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value as object).length === 0;
}
