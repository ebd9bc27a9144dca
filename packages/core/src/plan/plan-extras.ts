import type { LoraConfig } from '../config/lora-config.js';
import { LowrankError } from '../errors/lowrank-error.js';
import type { PlannedExtra, PlannedModule } from './adapter-plan.js';
import type { ModuleInfo } from './module-info.js';
import { nearest } from './nearest.js';
import { planTokens } from './plan-tokens.js';
import { isSaved } from './saved-modules.js';
import { headsOf } from './task-heads.js';

/**
 * What a config trains of the base itself: modules to save whole, and biases, in forward order; then rows of tables.
 * Throws `target-not-found` where no entry of `modulesToSave` names a module, `config-unsupported` for a module that
 * cannot be trained whole.
 */
export function planExtras(config: LoraConfig, adapted: PlannedModule[], modules: ModuleInfo[]): PlannedExtra[] {
  checkEntries(config, modules);
  const withFactors = new Set(adapted.map(({ path }) => path));
  const copies = modules.flatMap((module): PlannedExtra[] => {
    if (isSaved(config.modulesToSave, module.path)) return [wholeModule(module)];
    const chosen = config.bias === 'all' || (config.bias === 'lora_only' && withFactors.has(module.path));
    return chosen && module.bias ? [biasOf(module)] : [];
  });
  return [...copies, ...planTokens(config, adapted, modules)];
}

const trainable = ['linear', 'conv1d', 'conv2d', 'embedding', 'norm', 'layer-norm'];

function wholeModule({ path, kind, parameters, fanInFanOut }: ModuleInfo): PlannedExtra {
  if (!trainable.includes(kind)) {
    throw new LowrankError('config-unsupported', {
      given: `"${path}" in modulesToSave`,
      rule: `a module of kind "${kind}" cannot be trained whole; these can: ${trainable.join(', ')}`,
      fix: kind === 'tied-head' ? 'save the embedding whose table it reads instead' : 'leave it out',
    });
  }
  return { path, kind, trains: 'module', parameters, ...(fanInFanOut && { fanInFanOut }) };
}

/** A bias is as long as the output; what is no linear has as many values of weight. */
function biasOf({ path, kind, out, parameters }: ModuleInfo): PlannedExtra {
  return { path, kind, trains: 'bias', parameters: out ?? parameters / 2 };
}

function checkEntries(config: LoraConfig, modules: ModuleInfo[]): void {
  const [missing] = unmatchedModules(config.modulesToSave, modules);
  if (missing === undefined || modules.some(({ path }) => isSaved(config.modulesToSave, path))) return;
  if (headsOf(config).includes(missing)) return;
  const parts = modules.flatMap(({ path }) => [path, path.slice(path.lastIndexOf('.') + 1)]);
  throw new LowrankError('target-not-found', {
    given: `"${missing}" in modulesToSave`,
    rule: 'an entry must be the end of the path of a module',
    fix: `nearest here: ${nearest(missing, parts).join(', ')}`,
  });
}

/** A line for each entry of `modulesToSave` that names no module, but for the other names of a task's head. */
export function extraWarnings(config: LoraConfig, modules: ModuleInfo[]): string[] {
  const heads = headsOf(config);
  return unmatchedModules(config.modulesToSave, modules)
    .filter((entry) => !heads.includes(entry))
    .map((entry) => `"${entry}" in modulesToSave names no module`);
}

function unmatchedModules(entries: string[], modules: ModuleInfo[]): string[] {
  return entries.filter((entry) => !modules.some(({ path }) => isSaved([entry], path)));
}
