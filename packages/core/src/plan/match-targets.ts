import type { LoraConfig } from '../config/lora-config.js';
import { inChosenLayers } from './chosen-layers.js';
import type { ModuleInfo } from './module-info.js';
import { fullMatches } from './patterns.js';
import { isSaved } from './saved-modules.js';

/** What a config's targets come to on a model. */
export interface TargetMatch {
  /** The modules that get an adapter, in forward order. */
  modules: ModuleInfo[];
  /** Entries of `targetModules` that name no module. */
  unmatched: string[];
}

/** The part of a config that decides which modules get factors. */
export type TargetChoice = Pick<LoraConfig, 'targetModules'> &
  Partial<Pick<LoraConfig, 'excludeModules' | 'modulesToSave' | 'layersToTransform' | 'layersPattern'>>;

/**
 * The modules that `targetModules` names, by PEFT's rules: an entry of a list is a whole path, or the last parts of one
 * in a chosen layer; a string is `all-linear` (every linear and convolution but the output head) or a regular expression for the whole
 * path. What `excludeModules` names, and what is saved whole, is left out.
 * Throws `config-invalid` for a string that is no expression.
 */
export function matchTargets(choice: TargetChoice, modules: ModuleInfo[]): TargetMatch {
  const { targetModules, excludeModules, modulesToSave = [] } = choice;
  const open = modules.filter(
    ({ path }) => !isSaved(modulesToSave, path) && (excludeModules === undefined || !excludes(excludeModules, path)),
  );
  if (isAllLinear(targetModules)) {
    return { modules: open.filter(({ kind, head }) => linears.includes(kind) && !head), unmatched: [] };
  }
  const entries = Array.isArray(targetModules) ? targetModules : [];
  return {
    modules: open.filter(({ path }) => targets(choice, path)),
    unmatched: entries.filter((entry) => !modules.some(({ path }) => endsWith(path, entry))),
  };
}

/** PEFT's own `all-linear` leaves convolutions out. A plan resolves it to names, so that no reader has to choose. */
const linears = ['linear', 'conv1d', 'conv2d'];

function isAllLinear(targets: LoraConfig['targetModules']): boolean {
  return typeof targets === 'string' && targets.toLowerCase() === 'all-linear';
}

function excludes(entries: string | string[], path: string): boolean {
  return typeof entries === 'string' ? fullMatches(entries, path) : entries.some((entry) => endsWith(path, entry));
}

function targets(choice: TargetChoice, path: string): boolean {
  const { targetModules } = choice;
  if (typeof targetModules === 'string') return fullMatches(targetModules, path);
  if (targetModules.includes(path)) return true;
  return targetModules.some((entry) => endsWith(path, entry)) && inChosenLayers(choice, path);
}

function endsWith(path: string, entry: string): boolean {
  return path === entry || path.endsWith(`.${entry}`);
}
