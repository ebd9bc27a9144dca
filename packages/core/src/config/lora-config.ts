import { z } from 'zod';
import { LowrankError } from '../errors/lowrank-error.js';
import { nearest } from '../plan/nearest.js';

// Marked pure, so that a bundler drops what would run on import where no config is read.
const schema = /* @__PURE__ */ makeSchema();

function makeSchema() {
  const positive = z.number().positive().finite();
  const rank = z.int().positive();
  const index = z.int().min(0);
  const tokens = z.array(index).min(1);
  const names = z.array(z.string().min(1));
  const fastPissa = z.custom<`pissa_niter_${number}`>((value) => /^pissa_niter_\d+$/.test(String(value)));
  const patterns = <Value extends z.ZodType<number>>(value: Value) => z.record(z.string(), value);
  return z.strictObject({
    rank: rank.default(8),
    alpha: positive.default(8),
    dropout: z.number().min(0).lt(1).default(0),
    targetModules: z.union([z.string().min(1), names.min(1)]),
    excludeModules: z.union([z.string().min(1), names]).optional(),
    useRslora: z.boolean().default(false),
    rankPattern: patterns(rank).default({}),
    alphaPattern: patterns(positive).default({}),
    init: z
      .union([z.enum(['kaiming', 'gaussian', 'orthogonal', 'random', 'pissa', 'olora', 'loftq', 'eva']), fastPissa])
      .default('kaiming'),
    bias: z.enum(['none', 'lora_only', 'all']).default('none'),
    loraBias: z.boolean().default(false),
    useDora: z.boolean().default(false),
    modulesToSave: names.default([]),
    trainableTokenIndices: z.union([tokens, z.record(z.string().min(1), tokens)]).optional(),
    layersToTransform: z.union([index, z.array(index)]).optional(),
    layersPattern: z.union([z.string(), z.array(z.string())]).optional(),
    fanInFanOut: z.boolean().default(false),
    taskType: z.string().nullable().default(null),
    baseModelNameOrPath: z.string().nullable().default(null),
  });
}

/**
 * A LoRA configuration with its defaults in place. On disk the keys are PEFT's (`r`, `lora_alpha`, ...).
 *
 * - `rank` 8, `alpha` 8: the update is scaled by alpha / rank, or alpha / sqrt(rank) with `useRslora`.
 * - `dropout` 0: on the adapter's input, in training only.
 * - `targetModules`: path suffixes; or a string: `all-linear`, else a regular expression for the whole path.
 * - `excludeModules`: the same two forms, taken away from the targets.
 * - `rankPattern`, `alphaPattern`: expression for the end of a path -> its own value; the first match wins.
 * - `init`: how A and B start. Drawn: `kaiming` (PEFT's default), `gaussian`, `orthogonal`, `random` (PEFT's `false`).
 *   Computed by `initialFactors`, from the base's weights: `pissa`, `pissa_niter_N` (faster, N passes), `olora`; from
 *   what packing took from them: `loftq`; from what the modules are given: `eva`.
 * - `bias`: which of the base's own biases are trained: `none`, `lora_only` (of adapted modules) or `all`.
 * - `loraBias`: a trained bias on B, scaled as the update is.
 * - `useDora`: a trained magnitude for each output, see `Dora`.
 * - `modulesToSave`: modules trained whole and saved along, by the end of their path, such as a classifier head.
 * - `trainableTokenIndices`: ids whose rows of the first embedding are trained, or of each one by the end of its path.
 * - `layersToTransform`: indices of the layers to adapt, where targets are a list; `layersPattern` names the list that
 *   the layers are in, for a path with more numbers than one.
 * - `fanInFanOut`: the base keeps weights as `[in, out]` (GPT-2's Conv1D); a plan sets it.
 */
export type LoraConfig = z.output<typeof schema>;

/** What a caller writes: only `targetModules` has no default. */
export type LoraConfigInput = z.input<typeof schema>;

/** Checks a config at the door and fills in its defaults. Throws `config-invalid`, with the nearest key for a typo. */
export function loraConfig(input: LoraConfigInput): LoraConfig {
  const result = schema.safeParse(input);
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
