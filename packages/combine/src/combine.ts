import { LowrankError, type Adapter } from '@lowrank/core';
import { assemble } from './adapter/assemble.js';
import { joinedConfig } from './adapter/joined-config.js';
import { joinedSaved } from './adapter/joined-saved.js';
import { readParts, type AdapterParts } from './adapter/read-parts.js';
import { rankOf } from './adapter/update.js';
import { combineModule } from './kinds/combine-module.js';
import { recipeOf, type CombineOptions, type Recipe } from './kinds/recipe.js';
import type { Term } from './kinds/term.js';

export interface WeightedAdapter {
  adapter: Adapter;
  /** What its update is multiplied by: any finite number, negative ones too. */
  weight: number;
  /** What messages call it; default: its place in the list. */
  name?: string;
}

/**
 * One adapter that does what several do, each `weight` times: on one base, with no model needed. What an adapter does not
 * adapt it adds nothing to; what only one saves whole or trains of the base comes along, and what several do is averaged.
 * The result is plain LoRA: each module's rank and alpha are in its config, and rsLoRA is worked into alpha.
 *
 * `cat`, the default, is exact, and its ranks add up; `svd` is the nearest to that of a given rank. All others give the
 * numbers that PEFT's `add_weighted_adapter` gives; those without `svd` in their names join A with A and B with B, which
 * is not the sum of the updates. A single adapter is never pruned, as in PEFT: at weight 1 it comes out as it went in.
 *
 * Throws `config-invalid` for options, `shape-mismatch` and `adapter-mismatch` for adapters that do not fit together,
 * `config-unsupported` for DoRA and for what cannot be combined without the base, `not-finite`.
 *
 * @see https://huggingface.co/docs/peft/developer_guides/model_merging
 */
export function combine(adapters: WeightedAdapter[], options: CombineOptions = {}): Adapter {
  const recipe = forCount(recipeOf(options), adapters.length);
  checkWeights(adapters);
  const parts = adapters.map(({ adapter, name }, at) => readParts(name ?? `adapter ${at + 1}`, adapter));
  const saved = joinedSaved(savers(parts, adapters, options.savedFrom), parts);
  const largest = Math.max(...parts.flatMap(({ updates }) => Array.from(updates.values(), rankOf)));
  const paths = [...new Set(parts.flatMap(({ updates }) => [...updates.keys()]))];
  const updates = paths.map((path) => combineModule(termsOf(path, parts, adapters), recipe, recipe.rank ?? largest));
  return assemble({ ...joinedConfig(parts, updates), ...saved.config }, updates, saved.tensors);
}

/** With one adapter there is nothing to agree on: it is only scaled, or cut back to a rank. */
function forCount(recipe: Recipe, count: number): Recipe {
  if (count > 1) return recipe;
  return { ...recipe, on: recipe.on === 'update' ? 'update' : 'stack', prune: 'none', join: 'sum' };
}

function termsOf(path: string, parts: AdapterParts[], adapters: WeightedAdapter[]): Term[] {
  return parts.flatMap(({ updates, given }, place): Term[] => {
    const update = updates.get(path);
    return update ? [{ update, given, place, weight: (adapters[place] as WeightedAdapter).weight }] : [];
  });
}

/** The adapters that saved values come from, with what theirs count. */
function savers(parts: AdapterParts[], adapters: WeightedAdapter[], savedFrom: number | undefined) {
  const weighted = parts.map((own, at) => ({ ...own, weight: (adapters[at] as WeightedAdapter).weight }));
  if (savedFrom === undefined) return weighted;
  const only = weighted[savedFrom];
  if (only) return [{ ...only, weight: 1 }];
  throw new LowrankError('config-invalid', {
    given: `savedFrom: ${savedFrom}`,
    rule: `it is the place of an adapter, from 0 to ${adapters.length - 1}`,
    fix: 'give the place of one, or leave it out',
  });
}

function checkWeights(adapters: WeightedAdapter[]): void {
  if (adapters.length === 0) {
    throw new LowrankError('config-invalid', {
      given: 'no adapter',
      rule: 'there is nothing to combine',
      fix: 'give one or more',
    });
  }
  const at = adapters.findIndex(({ weight }) => !Number.isFinite(weight));
  if (at === -1) return;
  throw new LowrankError('config-invalid', {
    given: `weight ${adapters[at]?.weight} of ${adapters[at]?.name ?? `adapter ${at + 1}`}`,
    rule: 'a weight is a finite number',
    fix: 'give one',
  });
}
