import { LowrankError, nearest, type LoraConfig } from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import { defaults, initToPeft, taskTypes } from './config-keys.js';

/**
 * Our config in PEFT's terms, with every key of PEFT's. Target lists are sorted, as sets; patterns keep their order, since the first match wins.
 * Throws `config-invalid` for a task that PEFT would refuse to load.
 */
export function peftConfig(config: LoraConfig): JsonObject {
  checkTask(config.taskType);
  return {
    ...defaults,
    r: config.rank,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    target_modules: sorted(config.targetModules),
    exclude_modules: sorted(config.excludeModules) ?? null,
    use_rslora: config.useRslora,
    rank_pattern: config.rankPattern,
    alpha_pattern: config.alphaPattern,
    init_lora_weights: initToPeft(config.init),
    task_type: config.taskType,
    base_model_name_or_path: config.baseModelNameOrPath,
    bias: config.bias,
    fan_in_fan_out: config.fanInFanOut,
    layers_pattern: config.layersPattern ?? null,
    layers_to_transform: config.layersToTransform ?? null,
    lora_bias: config.loraBias,
    modules_to_save: config.modulesToSave.length > 0 ? config.modulesToSave : null,
    trainable_token_indices: config.trainableTokenIndices ?? null,
    use_dora: config.useDora,
  };
}

/** A config as the bytes of `adapter_config.json`: keys sorted, indented by 2, ASCII. */
export function encodeJson(json: JsonObject): Uint8Array {
  const keys = Object.entries(json).sort(([left], [right]) => (left < right ? -1 : 1));
  const text = JSON.stringify(Object.fromEntries(keys), null, 2);
  // PEFT opens the file in the system's own encoding, so only ASCII is safe.
  return new TextEncoder().encode(text.replace(/[^\0-\x7e]/g, escaped));
}

function checkTask(task: string | null): void {
  if (task === null || taskTypes.includes(task)) return;
  throw new LowrankError('config-invalid', {
    given: `taskType: "${task}"`,
    rule: 'PEFT loads only the tasks it knows',
    fix: `nearest here: ${nearest(task, taskTypes).join(', ')}`,
  });
}

function sorted<Modules extends string | string[] | undefined>(modules: Modules): Modules | string[] {
  return Array.isArray(modules) ? [...new Set(modules)].sort() : modules;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
