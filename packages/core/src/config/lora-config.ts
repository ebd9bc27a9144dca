import { z } from 'zod';
import { LowrankError } from '../errors/lowrank-error.js';
import { nearest } from '../plan/nearest.js';

const positive = z.number().positive().finite();
const rank = z.int().positive();
const patterns = <Value extends z.ZodType<number>>(value: Value) => z.record(z.string(), value);

const schema = z.strictObject({
  rank: rank.default(8),
  alpha: positive.default(8),
  dropout: z.number().min(0).lt(1).default(0),
  targetModules: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  excludeModules: z.union([z.string().min(1), z.array(z.string().min(1))]).optional(),
  useRslora: z.boolean().default(false),
  rankPattern: patterns(rank).default({}),
  alphaPattern: patterns(positive).default({}),
  init: z.enum(['kaiming', 'gaussian']).default('kaiming'),
  taskType: z.string().nullable().default(null),
  baseModelNameOrPath: z.string().nullable().default(null),
});

/**
 * A LoRA configuration with its defaults in place. On disk the keys are PEFT's (`r`, `lora_alpha`, ...).
 *
 * - `rank` 8, `alpha` 8: the update is scaled by alpha / rank, or alpha / sqrt(rank) with `useRslora`.
 * - `dropout` 0: on the adapter's input, in training only.
 * - `targetModules`: path suffixes; or a string: `all-linear`, else a regular expression for the whole path.
 * - `excludeModules`: the same two forms, taken away from the targets.
 * - `rankPattern`, `alphaPattern`: expression for the end of a path -> its own value; the first match wins.
 * - `init`: how A starts, `kaiming` (PEFT's default) or `gaussian`; B always starts at zero.
 */
export type LoraConfig = z.output<typeof schema>;

/** What a caller writes: only `targetModules` has no default. */
export type LoraConfigInput = z.input<typeof schema>;

/** Checks a config at the door and fills in its defaults. Throws `config-invalid`, with the nearest key for a typo. */
export function loraConfig(input: LoraConfigInput): LoraConfig {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
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
  init: 'init is "kaiming" or "gaussian"',
};

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  let value = input;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}
