import { LowrankError, type LoraConfig, type LoraConfigInput } from '@lowrank/core/plan';

/** PEFT's key -> ours, for the keys that we honour. Their rules are those of `loraConfig`. */
export const honoured = {
  r: 'rank',
  lora_alpha: 'alpha',
  lora_dropout: 'dropout',
  target_modules: 'targetModules',
  exclude_modules: 'excludeModules',
  use_rslora: 'useRslora',
  rank_pattern: 'rankPattern',
  alpha_pattern: 'alphaPattern',
  init_lora_weights: 'init',
  bias: 'bias',
  fan_in_fan_out: 'fanInFanOut',
  layers_pattern: 'layersPattern',
  layers_to_transform: 'layersToTransform',
  lora_bias: 'loraBias',
  modules_to_save: 'modulesToSave',
  trainable_token_indices: 'trainableTokenIndices',
  use_dora: 'useDora',
  task_type: 'taskType',
  base_model_name_or_path: 'baseModelNameOrPath',
} as const satisfies Record<string, keyof LoraConfigInput>;

/** Of those, the keys whose null in a file means "not given". */
export const nullable = new Set([
  'exclude_modules',
  'rank_pattern',
  'alpha_pattern',
  'layers_pattern',
  'layers_to_transform',
  'modules_to_save',
  'trainable_token_indices',
]);

/** Keys that change the maths in a way we do not do -> what they ask for. Any value but PEFT's default is refused. */
export const refused: Record<string, string> = {
  alora_invocation_tokens: 'activated LoRA',
  arrow_config: 'Arrow routing',
  corda_config: 'a base changed by CorDA',
  ensure_weight_tying: 'tied adapters',
  kasa_config: 'KaSA',
  layer_replication: 'replicated layers',
  loftq_config: 'a base changed by LoftQ',
  lora_ga_config: 'a base changed by LoRA-GA',
  megatron_config: 'Megatron layers',
  monteclora_config: 'MonteCLoRA',
  target_parameters: 'adapters on bare parameters',
  use_bdlora: 'BD-LoRA',
  use_qalora: 'QALoRA',
  velora_config: 'VeLoRA',
};

/** Keys that do not touch how a trained adapter acts. Read past; written with PEFT's default. */
export const ignored = new Set([
  'auto_mapping',
  'eva_config',
  'inference_mode',
  'megatron_core',
  'peft_type', // checked on its own
  'peft_version',
  'qalora_group_size',
  'revision',
  'runtime_config',
]);

/** Every key that PEFT 0.21 writes for LoRA, at its default, but `peft_version`: we are not PEFT. */
export const defaults = {
  alora_invocation_tokens: null,
  alpha_pattern: {},
  arrow_config: null,
  auto_mapping: null,
  base_model_name_or_path: null,
  bias: 'none',
  corda_config: null,
  ensure_weight_tying: false,
  eva_config: null,
  exclude_modules: null,
  fan_in_fan_out: false,
  inference_mode: true,
  init_lora_weights: true,
  kasa_config: null,
  layer_replication: null,
  layers_pattern: null,
  layers_to_transform: null,
  loftq_config: {},
  lora_alpha: 8,
  lora_bias: false,
  lora_dropout: 0,
  lora_ga_config: null,
  megatron_config: null,
  megatron_core: 'megatron.core',
  modules_to_save: null,
  monteclora_config: null,
  peft_type: 'LORA',
  qalora_group_size: 16,
  r: 8,
  rank_pattern: {},
  revision: null,
  target_modules: null,
  target_parameters: null,
  task_type: null,
  trainable_token_indices: null,
  use_bdlora: null,
  use_dora: false,
  use_qalora: false,
  use_rslora: false,
  velora_config: null,
};

/**
 * `init_lora_weights` -> our start of the factors; undefined for one that shifts the base, so that the adapter
 * alone would be wrong. EVA only chooses other numbers to start from.
 */
export function initFromPeft(value: unknown): LoraConfig['init'] | undefined {
  if (typeof value === 'string' && value.toLowerCase() === 'gaussian') return 'gaussian';
  if (value === true || value === 'eva') return 'kaiming';
  if (value === false) return 'random';
  return value === 'orthogonal' ? value : undefined;
}

/**
 * Our start of the factors -> `init_lora_weights`. Throws `config-unsupported` for one that is subtracted here: PEFT
 * would compute it anew from the base, and write the difference into that.
 */
export function initToPeft(init: LoraConfig['init']): boolean | string {
  switch (init) {
    case 'kaiming':
    case 'loftq': // made once, for the base that is there
    case 'eva':
      return true;
    case 'random':
      return false;
    case 'gaussian':
    case 'orthogonal':
      return init;
    default:
      throw new LowrankError('config-unsupported', {
        given: `init "${init}" in an adapter to write`,
        rule: 'PEFT would change the base under an adapter that says so',
        fix: 'convert it with `plainLora(trained, initial)`, as `manager.adapter(name)` does',
      });
  }
}

/** PEFT accepts no other task. */
export const taskTypes = ['CAUSAL_LM', 'FEATURE_EXTRACTION', 'QUESTION_ANS', 'SEQ_2_SEQ_LM', 'SEQ_CLS', 'TOKEN_CLS'];
