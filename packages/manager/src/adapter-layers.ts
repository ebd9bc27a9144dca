import {
  FrozenLinear,
  LoraLinear,
  LowrankError,
  deriveSeed,
  type AdapterPlan,
  type Host,
  type HostModule,
  type PlannedModule,
} from '@lowrank/core';

/** The layers of one adapter by module path, in forward order. They share the host's frozen bases. */
export type AdapterLayers = Map<string, LoraLinear>;

/**
 * Makes a fresh layer for each module of a plan, over `baseAt(path)`; nothing is put on the host.
 * Throws `adapter-mismatch` when the plan was made for another model; nothing is left behind.
 *
 * @param seed decides A's start and the dropout masks, for each path its own
 */
export function makeLayers(plan: AdapterPlan, baseAt: (path: string) => FrozenLinear, seed: number): AdapterLayers {
  const layers: AdapterLayers = new Map();
  try {
    for (const module of plan.modules) layers.set(module.path, makeLayer(module, plan, baseAt(module.path), seed));
  } catch (error) {
    disposeLayers(layers);
    throw error;
  }
  return layers;
}

export function disposeLayers(layers: AdapterLayers): void {
  for (const layer of layers.values()) layer.dispose();
}

/** The frozen linear at `path`. Throws `target-not-found`, or `adapter-mismatch` for a module of another kind. */
export function frozenAt(host: Host, path: string): FrozenLinear {
  const module: HostModule = host.get(path);
  if (module instanceof FrozenLinear) return module;
  throw new LowrankError('adapter-mismatch', {
    given: `module "${path}" of kind "${module.kind}"`,
    rule: 'an adapter wraps a frozen linear layer',
    fix: 'leave the module out, or delete the adapter that another manager put on it',
  });
}

function makeLayer(
  { path, rank, alpha, ...module }: PlannedModule,
  { config }: AdapterPlan,
  base: FrozenLinear,
  seed: number,
) {
  if (base.in !== module.in || base.out !== module.out) {
    throw new LowrankError('adapter-mismatch', {
      given: `a plan with "${path}" as [${module.in}, ${module.out}]`,
      rule: `the model has it as [${base.in}, ${base.out}]`,
      fix: "plan with this model's own modules()",
    });
  }
  const { useRslora, dropout, init } = config;
  return LoraLinear.fromBase(base, { rank, alpha, useRslora, dropout, init, seed: deriveSeed(seed, path) });
}
