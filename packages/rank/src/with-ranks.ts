import {
  loraConfig,
  LowrankError,
  nearest,
  pathPattern,
  type AdapterPlan,
  type LoraConfig,
  type PlannedExtra,
  type PlannedModule,
} from '@lowrank/core';
import { perRank } from '@lowrank/efficiency';
import type { Ranks } from './strategy.js';

/**
 * The same plan with these ranks, as one rank and a `rankPattern`. Each module keeps its scaling, so that it learns at
 * the pace it was planned with: alpha follows the rank, as an `alphaPattern`. A module that is not named keeps its rank;
 * one of rank 0 is left out. The config stays true: `planAdapter` makes the same modules of it.
 *
 * @throws `config-invalid` for a rank that is no whole number of 0 or more or that no module would get any of,
 * `target-not-found` for a path that the plan does not adapt
 */
export function withRanks(plan: AdapterPlan, ranks: Ranks): AdapterPlan {
  const paths = plan.modules.map(({ path }) => path);
  for (const [path, rank] of ranks) checkRank(path, rank, paths);
  const modules = plan.modules
    .map((module) => resized(module, ranks.get(module.path) ?? module.rank, plan.config))
    .filter(({ rank }) => rank > 0);
  if (modules.length === 0) throw nothingLeft(paths.length);
  return { ...plan, config: configOf(plan, modules), modules, extras: extrasOf(plan, modules) };
}

function resized(module: PlannedModule, rank: number, { useRslora }: LoraConfig): PlannedModule {
  if (rank === module.rank || rank === 0) return { ...module, rank };
  const grown = useRslora ? Math.sqrt(rank / module.rank) : rank / module.rank;
  // 15 digits: a third of 12 is 4, and no rounding more.
  const alpha = Number((module.alpha * grown).toPrecision(15));
  const besides = module.parameters - module.rank * perRank(module);
  return { ...module, rank, alpha, parameters: rank * perRank(module) + besides };
}

/** Without the biases of modules that are no longer adapted, where only those are trained. */
function extrasOf({ config, extras, modules: before }: AdapterPlan, modules: PlannedModule[]): PlannedExtra[] {
  if (config.bias !== 'lora_only') return extras;
  const kept = new Set(modules.map(({ path }) => path));
  const left = new Set(before.map(({ path }) => path).filter((path) => !kept.has(path)));
  return extras.filter(({ trains, path }) => trains !== 'bias' || !left.has(path));
}

function configOf({ config, modules: before }: AdapterPlan, modules: PlannedModule[]): LoraConfig {
  const [rank, alpha] = [commonest(modules.map((module) => module.rank)), commonest(modules.map((m) => m.alpha))];
  const pattern = (of: 'rank' | 'alpha', common: number) =>
    Object.fromEntries(
      modules.filter((module) => module[of] !== common).map((module) => [pathPattern(module.path), module[of]]),
    );
  return loraConfig({
    ...(modules.length < before.length ? justThese(config, modules) : config),
    rank,
    alpha,
    rankPattern: pattern('rank', rank),
    alphaPattern: pattern('alpha', alpha),
  });
}

/** Whole paths choose just these modules, so nothing else that chooses is of use. */
function justThese(config: LoraConfig, modules: PlannedModule[]): LoraConfig {
  const { excludeModules: _, layersToTransform: __, layersPattern: ___, ...rest } = config;
  return { ...rest, targetModules: modules.map(({ path }) => path) };
}

/** The value that most have; of several, the first. */
function commonest(values: number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, left], [, right]) => right - left)[0]![0];
}

function checkRank(path: string, rank: number, paths: string[]): void {
  if (!paths.includes(path)) {
    throw new LowrankError('target-not-found', {
      given: `a rank for "${path}"`,
      rule: 'the plan does not adapt it',
      fix: `nearest here: ${nearest(path, paths).join(', ')}`,
    });
  }
  if (Number.isSafeInteger(rank) && rank >= 0) return;
  throw new LowrankError('config-invalid', {
    given: `rank ${rank} for "${path}"`,
    rule: 'a rank is a whole number, and 0 leaves the module as it is',
    fix: 'give a value that fits',
  });
}

function nothingLeft(count: number): LowrankError {
  return new LowrankError('config-invalid', {
    given: `rank 0 for ${count === 1 ? 'the one module' : `all ${count} modules`} of the plan`,
    rule: 'an adapter has factors on one module at least',
    fix: 'give some module a rank of 1 or more',
  });
}
