import {
  LowrankError,
  matchTargets,
  nearest,
  parseTensorName,
  planAdapter,
  type Adapter,
  type AdapterPlan,
  type ModuleInfo,
  type ParameterRole,
} from '@lowrank/core';

/**
 * The plan under which a saved adapter fits a model. Strict, where PEFT only warns and silently gives the base:
 * each module with factors is in the model, and each module that the config names has factors.
 * Throws `adapter-mismatch` with the nearest names.
 */
export function planFor({ config, tensors }: Adapter, modules: ModuleInfo[]): AdapterPlan {
  const paths = [...new Set(Array.from(tensors.keys(), (name) => pathOf(name) ?? []).flat())];
  const known = new Set(modules.map(({ path }) => path));
  const stray = paths.find((path) => !known.has(path));
  if (stray !== undefined) {
    throw mismatch(`factors of "${stray}"`, 'the model has no such module', nearest(stray, known));
  }
  const named = matchTargets(config, modules).modules.map(({ path }) => path);
  const bare = named.find((path) => !paths.includes(path));
  if (bare !== undefined) {
    throw mismatch(`no factors of "${bare}"`, "the adapter's targetModules name it", nearest(bare, paths));
  }
  if (paths.length === 0) throw mismatch('an adapter without factors', 'its config names targets', []);
  const { excludeModules: _, ...rest } = config;
  // What a task would add is in the config already, or was left out on purpose.
  return { ...planAdapter({ ...rest, targetModules: paths, taskType: null }, modules), config };
}

const factors: ReadonlySet<ParameterRole> = new Set(['lora_A', 'lora_B', 'lora_embedding_A', 'lora_embedding_B']);

/** Of the module that a factor belongs to. */
function pathOf(name: string): string | undefined {
  const { path, role = 'weight' } = parseTensorName(name) ?? {};
  return factors.has(role) ? path : undefined;
}

function mismatch(given: string, rule: string, names: string[]): LowrankError {
  const near = names.length > 0 ? ` (nearest here: ${names.join(', ')})` : '';
  return new LowrankError('adapter-mismatch', { given, rule, fix: `use the base it was trained on${near}` });
}
