import { loraConfig, type LoraConfig, type LoraConfigInput } from '../config/lora-config.js';
import { scalingOf } from '../config/scaling.js';
import { LowrankError } from '../errors/lowrank-error.js';
import type { AdapterPlan, PlannedModule } from './adapter-plan.js';
import { indivisibleRank } from './indivisible-rank.js';
import { matchTargets } from './match-targets.js';
import type { ModuleInfo } from './module-info.js';
import { nearest } from './nearest.js';
import { endMatches, patternValue } from './patterns.js';
import { extraWarnings, planExtras } from './plan-extras.js';
import { withTaskHeads } from './task-heads.js';

/**
 * What a config does to a model with these modules, before anything is allocated. A header or a `config.json`
 * is enough to know the modules, so a plan costs no weights. In its config `all-linear` is resolved to names,
 * and the head of a classification task is saved along, with what else of the model is fresh.
 *
 * Throws `config-invalid`; `target-not-found`, with the nearest names, for a target that names no module;
 * `config-unsupported` for one that names a module which cannot be adapted or trained.
 */
export function planAdapter(input: LoraConfigInput, modules: ModuleInfo[]): AdapterPlan {
  const config = withTaskHeads(loraConfig(input), modules);
  const { modules: targets, unmatched } = matchTargets(config, modules);
  if (unmatched.length > 0) throw unknownTarget(unmatched[0] as string, modules);
  if (targets.length === 0) throw nothingMatched(config, modules);
  const planned = targets.map((module) => planModule(module, config));
  const total = (of: 'parameters' | 'bytes') => modules.reduce((sum, module) => sum + module[of], 0);
  const fanInFanOut = config.fanInFanOut || targets.some((module) => module.fanInFanOut === true);
  return {
    config: { ...config, targetModules: resolved(config, targets, modules), fanInFanOut },
    modules: planned,
    extras: planExtras(config, planned, modules),
    base: { parameters: total('parameters'), bytes: total('bytes') },
    warnings: [...rankWarnings(planned), ...patternWarnings(config, planned), ...extraWarnings(config, modules)],
  };
}

/**
 * `all-linear` as the names it came to, for a reader may see another head than we do: last parts of paths
 * where they name just these modules, else whole paths.
 */
function resolved(config: LoraConfig, targets: ModuleInfo[], modules: ModuleInfo[]) {
  const { targetModules } = config;
  if (typeof targetModules !== 'string' || targetModules.toLowerCase() !== 'all-linear') return targetModules;
  const paths = targets.map(({ path }) => path);
  const suffixes = [...new Set(paths.map(lastPart))];
  const named = matchTargets({ ...config, targetModules: suffixes }, modules).modules;
  return named.length === targets.length ? suffixes : paths;
}

function planModule({ path, kind, ...module }: ModuleInfo, config: LoraConfig): PlannedModule {
  if (!adaptable.includes(kind) || module.in === undefined || module.out === undefined) throw notAdaptable(path, kind);
  if (kind === 'embedding' && config.loraBias) throw biasOnTable(path);
  const rank = patternValue(config.rankPattern, path) ?? config.rank;
  const alpha = patternValue(config.alphaPattern, path) ?? config.alpha;
  const { kernel, groups = 1 } = module;
  if (rank % groups !== 0) throw indivisibleRank(`rank ${rank} for "${path}", a convolution of ${groups} groups`);
  const places = placesOf(kernel);
  return {
    path,
    kind,
    in: module.in,
    out: module.out,
    ...(kernel && { kernel }),
    ...(groups > 1 && { groups }),
    rank,
    alpha,
    scaling: scalingOf({ rank, alpha, useRslora: config.useRslora }),
    parameters:
      rank * (places * module.in + module.out / groups) + (config.loraBias || config.useDora ? module.out : 0),
    baseParameters: (places * module.in * module.out) / groups,
  };
}

const adaptable = ['linear', 'conv1d', 'conv2d', 'embedding'];

/** How many places a convolution's kernel reads; a linear reads one. */
function placesOf(kernel: number[] = []): number {
  return kernel.reduce((size, side) => size * side, 1);
}

function rankWarnings(modules: PlannedModule[]): string[] {
  const most = ({ in: from, out, kernel }: PlannedModule) => Math.min(placesOf(kernel) * from, out);
  const wide = modules.filter((module) => module.rank > most(module));
  return wide.map(
    (module) =>
      `rank ${module.rank} of "${module.path}" is above min(in, out) = ${most(module)}: more than its update can use`,
  );
}

function patternWarnings({ rankPattern, alphaPattern }: LoraConfig, modules: PlannedModule[]): string[] {
  const idle = (pattern: Record<string, number>) =>
    Object.keys(pattern).filter((key) => !modules.some(({ path }) => endMatches(key, path)));
  return [
    ...idle(rankPattern).map((key) => `"${key}" in rankPattern matches no adapted module`),
    ...idle(alphaPattern).map((key) => `"${key}" in alphaPattern matches no adapted module`),
  ];
}

function unknownTarget(entry: string, modules: ModuleInfo[]): LowrankError {
  return new LowrankError('target-not-found', {
    given: `target "${entry}"`,
    rule: 'an entry must equal a module path or its last parts, and no module has this one',
    fix: `nearest here: ${nearest(entry, targetNames(modules), 5).join(', ')}`,
  });
}

function nothingMatched(config: LoraConfig, modules: ModuleInfo[]): LowrankError {
  const { targetModules, excludeModules, layersToTransform } = config;
  const layers = layersToTransform === undefined ? '' : ` in layers ${[layersToTransform].flat().join(', ')}`;
  const excluded = layers + (excludeModules === undefined ? '' : ` without ${JSON.stringify(excludeModules)}`);
  const text = typeof targetModules === 'string' ? targetModules : targetModules.join(',');
  const names = nearest(text, targetNames(modules), 5);
  return new LowrankError('target-not-found', {
    given: `targets ${JSON.stringify(targetModules)}${excluded}`,
    rule: 'they must leave at least one module of the model',
    fix: names.length > 0 ? `nearest here: ${names.join(', ')}` : 'take a model with linear layers',
  });
}

function notAdaptable(path: string, kind: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `target "${path}"`,
    rule: `linears, convolutions and embeddings take an adapter, and this module is of kind "${kind}"`,
    fix: 'leave it out of targetModules, or name it in excludeModules',
  });
}

function biasOnTable(path: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `loraBias with target "${path}"`,
    rule: 'an embedding takes no bias on B, in PEFT neither',
    fix: 'leave one of them out',
  });
}

/** What a user may write: the last part of the path of each module that can be adapted, and the whole path. */
function targetNames(modules: ModuleInfo[]): string[] {
  const paths = modules.filter(({ kind }) => adaptable.includes(kind)).map(({ path }) => path);
  return [...new Set([...paths.map(lastPart), ...paths])];
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
