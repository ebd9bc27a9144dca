import { initFromPeft } from '../peft/config-keys.js';
import type { PeftEntry } from '../peft/entry.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';

/** What is known of the base that an adapter is for. */
export interface BaseFacts {
  /** Whether its head is its embedding (`tie_word_embeddings`). */
  tiedHead?: boolean;
}

/** What an adapter can hold beyond factors of linears with one rank and alpha, and consumers differ about. */
export type Feature = keyof typeof features;

/** Where a feature is: paths of modules, or keys of the config. */
type FeatureFinder = (adapter: PeftFolder, base: BaseFacts) => string[];

/** An adapter's features, each with where it is, in the order of the table below. */
export function featuresOf(adapter: PeftFolder, base: BaseFacts = {}): Map<Feature, string[]> {
  const found = Object.entries(features).map(([feature, find]) => [feature as Feature, find(adapter, base)] as const);
  return new Map(found.filter(([, places]) => places.length > 0));
}

/** Which of an adapter's tensors a feature is, by what their entry is and their name in it. */
export function isPartOf(feature: Feature, entry: PeftEntry, role: string): boolean {
  return parts[feature]?.(entry, role) ?? false;
}

const parts: Partial<Record<string, (entry: PeftEntry, role: string) => boolean>> = {
  'tied-heads': ({ kind, path }) => kind === 'linear' && isHead(path),
  embeddings: ({ kind }) => kind === 'embedding',
  'tied-embeddings': ({ kind }) => kind === 'embedding',
  convolutions: ({ kind }) => kind === 'conv',
  'lora-bias': (_, role) => role === 'lora_B.bias',
  biases: ({ kind }) => kind === 'bias',
  classifiers: ({ kind, path }) => kind === 'module' && isClassifier(path),
  'saved-modules': ({ kind, path }) => kind === 'module' && !isClassifier(path),
  'token-rows': ({ kind }) => kind === 'tokens',
  'base-copies': ({ kind }, role) => kind === 'base' && role.startsWith('base_layer.'),
  'base-tensors': ({ kind }, role) => kind === 'other' || (kind === 'base' && !role.startsWith('base_layer.')),
};

const byEntry =
  (feature: string): FeatureFinder =>
  ({ entries }) =>
    entries
      .filter((entry) => [...entry.tensors.keys()].some((role) => parts[feature]?.(entry, role)))
      .map(({ path }) => path);

const byKey =
  (...keys: string[]): FeatureFinder =>
  ({ config }) =>
    keys.filter((key) => !isEmpty(config[key])).map((key) => `"${key}"`);

const inBlocks =
  (blocks: RegExp): FeatureFinder =>
  ({ entries }) =>
    entries.filter(({ path }) => blocks.test(path)).map(({ path }) => path);

const features = {
  rslora: byKey('use_rslora'),
  patterns: byKey('rank_pattern', 'alpha_pattern'),
  heads: byEntry('tied-heads'),
  'tied-heads': (adapter, { tiedHead }) => (tiedHead ? byEntry('tied-heads')(adapter, {}) : []),
  embeddings: byEntry('embeddings'),
  'tied-embeddings': (adapter, { tiedHead }) => (tiedHead ? byEntry('embeddings')(adapter, {}) : []),
  convolutions: byEntry('convolutions'),
  dora: byKey('use_dora'),
  'dora-embeddings': (adapter) => (adapter.config['use_dora'] === true ? byEntry('embeddings')(adapter, {}) : []),
  'lora-bias': byEntry('lora-bias'),
  biases: byEntry('biases'),
  classifiers: byEntry('classifiers'),
  'saved-modules': byEntry('saved-modules'),
  'token-rows': byEntry('token-rows'),
  'base-copies': byEntry('base-copies'),
  'base-tensors': byEntry('base-tensors'),
  parameters: byKey('target_parameters'),
  'changed-base': ({ config }) => {
    const init = config['init_lora_weights'] ?? true;
    const shifts = initFromPeft(init) === undefined ? ['"init_lora_weights"'] : [];
    return [...shifts, ...byKey('corda_config', 'loftq_config', 'lora_ga_config')({ config } as PeftFolder, {})];
  },
  variants: byKey(
    'alora_invocation_tokens',
    'arrow_config',
    'ensure_weight_tying',
    'kasa_config',
    'layer_replication',
    'megatron_config',
    'monteclora_config',
    'use_bdlora',
    'use_qalora',
    'velora_config',
  ),
  // A model without a head lacks the first part of the paths.
  gpt2: inBlocks(/^(transformer\.)?h\.\d/),
  bert: inBlocks(/^(bert\.|encoder\.layer\.)/),
} satisfies Record<string, FeatureFinder>;

function isHead(path: string): boolean {
  return path === 'lm_head' || path.endsWith('.lm_head');
}

function isClassifier(path: string): boolean {
  return /(^|\.)(classifier|score)$/.test(path);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value as object).length === 0;
}
