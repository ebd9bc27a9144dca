import { LowrankError, patternValue } from '@lowrank/core/plan';
import type { PeftEntry } from '../peft/entry.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import { isPartOf, type Feature } from './features.js';

/**
 * An adapter without the tensors of some features, and with a config that says so; itself where none is there.
 * Throws `config-unsupported` where nothing would be left.
 */
export function stripped(given: string, adapter: PeftFolder, features: ReadonlySet<Feature>): PeftFolder {
  const goes = (entry: PeftEntry, role: string) => [...features].some((feature) => isPartOf(feature, entry, role));
  const entries = adapter.entries
    .map((entry) => ({ ...entry, tensors: new Map([...entry.tensors].filter(([role]) => !goes(entry, role))) }))
    .filter(({ tensors }) => tensors.size > 0);
  const count = (all: PeftEntry[]) => all.reduce((sum, { tensors }) => sum + tensors.size, 0);
  if (count(entries) === count(adapter.entries)) return adapter;
  if (!entries.some(({ kind }) => kind === 'linear' || kind === 'embedding' || kind === 'conv')) {
    throw new LowrankError('config-unsupported', {
      given,
      rule: `without ${[...features].join(', ')} nothing of it is left`,
      fix: 'merge the adapter into its base instead',
    });
  }
  const { config, metadata } = adapter;
  return { config: { ...config, ...strippedConfig(config, entries) }, entries, metadata };
}

/** The keys that tensors must agree with. */
function strippedConfig(config: PeftFolder['config'], entries: PeftEntry[]): PeftFolder['config'] {
  const has = (kind: PeftEntry['kind']) => entries.some((entry) => entry.kind === kind);
  const saved = (config['modules_to_save'] ?? []) as string[];
  const kept = saved.filter((name) =>
    entries.some(({ kind, path }) => kind === 'module' && (path === name || path.endsWith(`.${name}`))),
  );
  const adapted = entries.filter(({ kind }) => kind === 'linear' || kind === 'embedding' || kind === 'conv');
  return {
    // Whole paths: what was stripped must not be a target still.
    target_modules: adapted.map(({ path }) => path).sort(),
    exclude_modules: null,
    layers_to_transform: null,
    layers_pattern: null,
    modules_to_save: kept.length > 0 ? kept : null,
    bias: has('bias') ? (config['bias'] ?? 'none') : 'none',
    lora_bias: adapted.some(({ tensors }) => tensors.has('lora_B.bias')),
    trainable_token_indices: has('tokens') ? config['trainable_token_indices'] : null,
    ...('rank_pattern' in config && { rank_pattern: usedPatterns(config['rank_pattern'], adapted) }),
    ...('alpha_pattern' in config && { alpha_pattern: usedPatterns(config['alpha_pattern'], adapted) }),
  };
}

/** Only patterns that some module is left for, in their order. */
function usedPatterns(patterns: unknown, adapted: PeftEntry[]): Record<string, number> {
  const used = Object.entries((patterns ?? {}) as Record<string, number>).filter(([key, value]) =>
    adapted.some(({ path }) => patternValue({ [key]: value }, path) !== undefined),
  );
  return Object.fromEntries(used);
}
