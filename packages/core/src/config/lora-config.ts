import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { LowrankError } from '../errors/lowrank-error.js';
import type { LoraInit } from '../init/lora-init.js';
import { nearest } from '../plan/nearest.js';

/** A LoRA configuration with its defaults in place. On disk the keys are PEFT's (`r`, `lora_alpha`, ...). */
export interface LoraConfig {
  /** Default 8. */
  rank: number;
  /** The update is scaled by alpha / rank, or alpha / sqrt(rank) with `useRslora`. Default 8. */
  alpha: number;
  /** On the adapter's input, in training only. Default 0. */
  dropout: number;
  /** Path suffixes; or a string: `all-linear`, else a regular expression for the whole path. */
  targetModules: string | string[];
  /** The same two forms, taken away from the targets. */
  excludeModules?: string | string[] | undefined;
  /** Default false. */
  useRslora: boolean;
  /** Expression for the end of a path -> its own rank; the first match wins. Default none. */
  rankPattern: Record<string, number>;
  /** Expression for the end of a path -> its own alpha; the first match wins. Default none. */
  alphaPattern: Record<string, number>;
  /**
   * How A and B start. Drawn: `kaiming` (PEFT's default and ours), `gaussian`, `orthogonal`, `random` (PEFT's `false`).
   * Computed by `initialFactors`, from the base's weights: `pissa`, `pissa_niter_N` (faster, N passes), `olora`; from what
   * packing took from them: `loftq`; from what the modules are given: `eva`.
   */
  init: LoraInit;
  /** Which of the base's own biases are trained: of adapted modules, or all. Default `none`. */
  bias: 'none' | 'lora_only' | 'all';
  /** A trained bias on B, scaled as the update is. Default false. */
  loraBias: boolean;
  /** A trained magnitude for each output, see `Dora`. Default false. */
  useDora: boolean;
  /** Modules trained whole and saved along, by the end of their path, such as a classifier head. Default none. */
  modulesToSave: string[];
  /** Ids whose rows of the first embedding are trained, or of each one by the end of its path. */
  trainableTokenIndices?: number[] | Record<string, number[]> | undefined;
  /** Indices of the layers to adapt, where targets are a list. */
  layersToTransform?: number | number[] | undefined;
  /** Names the list that the layers are in, for a path with more numbers than one. */
  layersPattern?: string | string[] | undefined;
  /** The base keeps weights as `[in, out]` (GPT-2's Conv1D); a plan sets it. Default false. */
  fanInFanOut: boolean;
  /** PEFT's, such as `CAUSAL_LM`. Default null. */
  taskType: string | null;
  /** What others find the base by. Default null. */
  baseModelNameOrPath: string | null;
}

/** What a caller writes: only `targetModules` has no default. */
export type LoraConfigInput = Pick<LoraConfig, 'targetModules'> & {
  [Key in keyof LoraConfig]?: LoraConfig[Key] | undefined;
};

const text = z.string().check(z.minLength(1));
const positive = z.number().check(z.positive());
const rank = z.int().check(z.positive());
const index = z.int().check(z.minimum(0));
const tokens = z.array(index).check(z.minLength(1));
const names = z.array(text);
const flag = z._default(z.boolean(), false);
const unset = z._default(z.nullable(z.string()), null);
const inits = ['kaiming', 'gaussian', 'orthogonal', 'random', 'pissa', 'olora', 'loftq', 'eva'] as const;
const fastPissa = z.custom<`pissa_niter_${number}`>((value) => /^pissa_niter_\d+$/.test(value));

const schema = z.strictObject({
  rank: z._default(rank, 8),
  alpha: z._default(positive, 8),
  dropout: z._default(z.number().check(z.minimum(0), z.lt(1)), 0),
  targetModules: z.union([text, names.check(z.minLength(1))]),
  excludeModules: z.optional(z.union([text, names])),
  useRslora: flag,
  rankPattern: z._default(z.record(z.string(), rank), {}),
  alphaPattern: z._default(z.record(z.string(), positive), {}),
  init: z._default(z.union([z.enum(inits), fastPissa]), 'kaiming'),
  bias: z._default(z.enum(['none', 'lora_only', 'all']), 'none'),
  loraBias: flag,
  useDora: flag,
  modulesToSave: z._default(names, []),
  trainableTokenIndices: z.optional(z.union([tokens, z.record(text, tokens)])),
  layersToTransform: z.optional(z.union([index, z.array(index)])),
  layersPattern: z.optional(z.union([z.string(), z.array(z.string())])),
  fanInFanOut: flag,
  taskType: unset,
  baseModelNameOrPath: unset,
});

/** Checks a config at the door and fills in its defaults. Throws `config-invalid`, with the nearest key for a typo. */
export function loraConfig(input: LoraConfigInput): LoraConfig {
  const result = schema.safeParse(input, { error: en().localeError });
  if (result.success) return checkTogether(result.data);
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    throw new LowrankError('config-invalid', {
      given: `"${key}" in the LoRA config`,
      rule: 'it is not an option',
      fix: `nearest here: ${nearest(key, Object.keys(schema.shape)).join(', ')}`,
    });
  }
  throw new LowrankError('config-invalid', {
    given: `${path}: ${show(valueAt(input, issue.path))}`,
    rule: rules[String(issue.path[0])] ?? issue.message,
    fix: `give a value that fits (${issue.message})`,
  });
}

const rules: Record<string, string> = {
  rank: 'a rank is a whole number of 1 or more',
  alpha: 'alpha is a finite number above 0',
  dropout: 'dropout is a probability, at least 0 and below 1',
  targetModules: 'targets are a list of module names, "all-linear" or a regular expression',
  rankPattern: 'a rank is a whole number of 1 or more',
  alphaPattern: 'alpha is a finite number above 0',
  init: 'init is "kaiming", "gaussian", "orthogonal", "random", "pissa", "pissa_niter_N", "olora", "loftq" or "eva"',
  bias: 'it is "none", "all" or "lora_only"',
  loraBias: 'it is true or false',
  useDora: 'it is true or false',
  modulesToSave: 'it is a list of module names',
  trainableTokenIndices: 'it is a list of token ids, or one for each embedding',
  layersToTransform: 'it is an index or a list of them',
  layersPattern: 'it is a name or a list of them',
  fanInFanOut: 'it is true or false',
};

/** What PEFT refuses of options that are right one by one. */
function checkTogether(config: LoraConfig): LoraConfig {
  const { targetModules, layersToTransform, layersPattern } = config;
  const refuse = (key: keyof LoraConfig, rule: string, fix: string) => {
    throw new LowrankError('config-invalid', { given: `${key}: ${show(config[key])}`, rule, fix });
  };
  const chosen = [layersToTransform ?? []].flat().length > 0;
  if (chosen && typeof targetModules === 'string') {
    refuse(
      'layersToTransform',
      'it needs a list of targetModules',
      'list the names, or choose layers in the expression',
    );
  }
  if ([layersPattern ?? []].flat().length > 0 && !chosen) {
    refuse('layersPattern', 'it needs layersToTransform', 'say which layers to adapt, or leave it out');
  }
  if (config.loraBias && config.useDora) refuse('loraBias', 'it does not go with useDora', 'leave one of them out');
  if (config.loraBias && !['kaiming', 'random'].includes(config.init)) {
    refuse('loraBias', `it does not go with init "${config.init}"`, 'leave one of them out');
  }
  return config;
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  let value = input;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}
