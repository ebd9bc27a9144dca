import {
  BlockWeight,
  deriveSeed,
  FrozenLinear,
  LoraEmbedding,
  LoraLinear,
  LowrankError,
  TokenRows,
  TokenRowsHead,
  TrainedModule,
  type AdaptedModule,
  type Adapter,
  type AdapterPlan,
  type FrozenModule,
  type Host,
  type InitialFactors,
  type PlannedExtra,
  type PlannedModule,
} from '@lowrank/core';
import { tensor2d } from '@tensorflow/tfjs-core';
import { makeConv } from './make-conv.js';

/** The modules of one adapter by path. They share the host's frozen bases. */
export type AdaptedModules = Map<string, AdaptedModule>;

export interface ModuleParts {
  baseAt: (path: string) => FrozenModule;
  /** Decides A's start and the dropout masks, for each path its own. */
  seed: number;
  /** What factors start as, by path, where a plan's `init` is computed. */
  start?: Map<string, InitialFactors> | undefined;
  /** Those of a saved adapter, for what it brings of the base. */
  tensors?: Adapter['tensors'] | undefined;
}

/**
 * Makes what a plan says over `baseAt(path)`, fresh; nothing is put on the host.
 * Throws `adapter-mismatch` when the plan was made for another model; nothing is left behind.
 */
export function makeModules(plan: AdapterPlan, parts: ModuleParts): AdaptedModules {
  const made: AdaptedModules = new Map();
  const biases = new Set(plan.extras.filter(({ trains }) => trains === 'bias').map(({ path }) => path));
  try {
    for (const module of plan.modules) {
      const { path } = module;
      made.set(path, makeAdapted(module, plan, parts, biases));
    }
    for (const extra of plan.extras) {
      if (!made.has(extra.path)) made.set(extra.path, makeExtra(extra, parts, made));
    }
  } catch (error) {
    disposeModules(made);
    throw error;
  }
  return made;
}

export function disposeModules(modules: AdaptedModules): void {
  for (const module of modules.values()) module.dispose();
}

/** The frozen module at `path`. Throws `target-not-found`, or `adapter-mismatch` for one that is adapted already. */
export function frozenAt(host: Host, path: string): FrozenModule {
  const module = host.get(path) as FrozenModule & Partial<AdaptedModule>;
  if (module.enabled === undefined) return module;
  throw mismatch(`module "${path}" of kind "${module.kind}"`, 'an adapter wraps a frozen module');
}

function makeAdapted(module: PlannedModule, plan: AdapterPlan, parts: ModuleParts, biases: Set<string>): AdaptedModule {
  const { kind, path } = module;
  if (kind === 'embedding') return makeEmbedding(module, plan, parts);
  if (kind === 'linear') return makeLinear(module, plan, parts, biases);
  return makeConv(module, plan, { base: parts.baseAt(path), seed: parts.seed, trainsBias: biases.has(path) });
}

function makeLinear(
  module: PlannedModule,
  { config }: AdapterPlan,
  { baseAt, seed, start }: ModuleParts,
  biases: Set<string>,
) {
  const { path, rank, alpha } = module;
  const base = baseAt(path);
  if (!(base instanceof FrozenLinear)) {
    throw mismatch(`module "${path}" of kind "${base.kind}"`, 'the plan has it as a linear');
  }
  checkSize(module, [base.in, base.out]);
  const { useRslora, useDora, loraBias, dropout, init } = config;
  const own = { trainsBias: biases.has(path), seed: deriveSeed(seed, path), start: start?.get(path) };
  return LoraLinear.fromBase(base, { rank, alpha, useRslora, useDora, loraBias, dropout, init, ...own });
}

function makeEmbedding(module: PlannedModule, { config }: AdapterPlan, { baseAt, seed, tensors }: ModuleParts) {
  const { path, rank, alpha } = module;
  const base = baseAt(path);
  const { weight } = base;
  const [vocab, hidden] = weight instanceof BlockWeight ? [...weight.shape].reverse() : weight.shape;
  checkSize(module, [vocab as number, hidden as number]);
  const along = tensors?.get(`${path}.base_layer.weight`);
  if (along) checkSize(module, along.shape);
  const table = along && tensor2d(along.data, along.shape as [number, number]);
  const { useRslora, useDora } = config;
  try {
    return LoraEmbedding.fromBase(base, { rank, alpha, useRslora, useDora, seed: deriveSeed(seed, path), table });
  } catch (error) {
    table?.dispose();
    throw error;
  }
}

function makeExtra(extra: PlannedExtra, { baseAt }: ModuleParts, made: AdaptedModules): AdaptedModule {
  const { path, trains, tokens = [], table } = extra;
  switch (trains) {
    case 'module':
    case 'bias':
      return new TrainedModule(baseAt(path), trains);
    case 'rows':
      return new TokenRows(baseAt(path), tokens);
    case 'tied-rows': {
      const rows = made.get(table as string) as TokenRows;
      return new TokenRowsHead(baseAt(path), rows);
    }
    default:
      return trains satisfies never;
  }
}

function checkSize({ path, ...module }: PlannedModule, [from, out]: number[]): void {
  if (from === module.in && out === module.out) return;
  throw new LowrankError('adapter-mismatch', {
    given: `a plan with "${path}" as [${module.in}, ${module.out}]`,
    rule: `the model has it as [${from}, ${out}]`,
    fix: "plan with this model's own modules()",
  });
}

function mismatch(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', {
    given,
    rule,
    fix: 'leave the module out, or delete the adapter that another manager put on it',
  });
}
