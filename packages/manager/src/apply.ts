import {
  deriveSeed,
  FrozenLinear,
  LoraLinear,
  LowrankError,
  TrainedModule,
  type AdaptedModule,
  type AdapterPlan,
  type FrozenModule,
  type Host,
  type PlannedModule,
} from '@lowrank/core';

/** The modules of one adapter by path. They share the host's frozen bases. */
export type AdaptedModules = Map<string, AdaptedModule>;

/**
 * Makes what a plan says over `baseAt(path)`, fresh; nothing is put on the host.
 * Throws `adapter-mismatch` when the plan was made for another model; nothing is left behind.
 *
 * @param seed decides A's start and the dropout masks, for each path its own
 */
export function makeModules(plan: AdapterPlan, baseAt: (path: string) => FrozenModule, seed: number): AdaptedModules {
  const made: AdaptedModules = new Map();
  const biases = new Set(plan.extras.filter(({ trains }) => trains === 'bias').map(({ path }) => path));
  try {
    for (const module of plan.modules) {
      const options = { trainsBias: biases.has(module.path), seed: deriveSeed(seed, module.path) };
      made.set(module.path, makeLinear(module, plan, baseAt(module.path), options));
    }
    for (const { path, trains } of plan.extras) {
      if (!made.has(path)) made.set(path, new TrainedModule(baseAt(path), trains));
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

/** The frozen module at `path`. Throws `target-not-found`, or `adapter-mismatch` for one that shows no weight of its own. */
export function frozenAt(host: Host, path: string): FrozenModule {
  const module = host.get(path) as FrozenModule & Partial<AdaptedModule>;
  if (module.weight !== undefined && module.enabled === undefined) return module;
  throw mismatch(`module "${path}" of kind "${module.kind}"`, 'an adapter wraps a frozen module');
}

function makeLinear(
  { path, rank, alpha, ...module }: PlannedModule,
  { config }: AdapterPlan,
  base: FrozenModule,
  options: { trainsBias: boolean; seed: number },
): LoraLinear {
  if (!(base instanceof FrozenLinear)) {
    throw mismatch(`module "${path}" of kind "${base.kind}"`, 'the plan has it as a linear');
  }
  if (base.in !== module.in || base.out !== module.out) {
    throw new LowrankError('adapter-mismatch', {
      given: `a plan with "${path}" as [${module.in}, ${module.out}]`,
      rule: `the model has it as [${base.in}, ${base.out}]`,
      fix: "plan with this model's own modules()",
    });
  }
  const { useRslora, useDora, loraBias, dropout, init } = config;
  return LoraLinear.fromBase(base, { rank, alpha, useRslora, useDora, loraBias, dropout, init, ...options });
}

function mismatch(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', {
    given,
    rule,
    fix: 'leave the module out, or delete the adapter that another manager put on it',
  });
}
