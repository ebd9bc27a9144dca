import type { LoraConfig } from '../config/lora-config.js';
import type { ModuleInfo } from './module-info.js';
import { fullMatches } from './patterns.js';

/** What a config's targets come to on a model. */
export interface TargetMatch {
  /** The modules that get an adapter, in forward order. */
  modules: ModuleInfo[];
  /** Entries of `targetModules` that name no module. */
  unmatched: string[];
}

/**
 * The modules that `targetModules` names and `excludeModules` does not, by PEFT's rules: an entry of a list is a
 * whole path or its last parts; a string is `all-linear` (every linear but the output head) or a regular expression
 * for the whole path. Throws `config-invalid` for a string that is no expression.
 */
export function matchTargets(
  { targetModules, excludeModules }: Pick<LoraConfig, 'targetModules' | 'excludeModules'>,
  modules: ModuleInfo[],
): TargetMatch {
  const open = modules.filter(({ path }) => excludeModules === undefined || !names(excludeModules, path));
  if (isAllLinear(targetModules)) {
    return { modules: open.filter(({ kind, head }) => kind === 'linear' && !head), unmatched: [] };
  }
  const entries = Array.isArray(targetModules) ? targetModules : [];
  return {
    modules: open.filter(({ path }) => names(targetModules, path)),
    unmatched: entries.filter((entry) => !modules.some(({ path }) => endsWith(path, entry))),
  };
}

function isAllLinear(targets: LoraConfig['targetModules']): boolean {
  return typeof targets === 'string' && targets.toLowerCase() === 'all-linear';
}

function names(targets: string | string[], path: string): boolean {
  return typeof targets === 'string' ? fullMatches(targets, path) : targets.some((entry) => endsWith(path, entry));
}

function endsWith(path: string, entry: string): boolean {
  return path === entry || path.endsWith(`.${entry}`);
}
