import {
  deriveSeed,
  FrozenConv,
  LoraConv,
  LowrankError,
  type AdapterPlan,
  type FrozenModule,
  type PlannedModule,
} from '@lowrank/core';

export interface ConvParts {
  base: FrozenModule;
  seed: number;
  trainsBias: boolean;
}

/** The adapted convolution of a plan. Throws `adapter-mismatch` where the model has something else there. */
export function makeConv(
  module: PlannedModule,
  { config }: AdapterPlan,
  { base, seed, trainsBias }: ConvParts,
): LoraConv {
  checkConv(module, base);
  const { path, rank, alpha } = module;
  const { useRslora, useDora, loraBias, dropout, init } = config;
  const own = { trainsBias, seed: deriveSeed(seed, path) };
  return LoraConv.fromBase(base, { rank, alpha, useRslora, useDora, loraBias, dropout, init, ...own });
}

function checkConv(module: PlannedModule, base: FrozenModule): asserts base is FrozenConv {
  const planned = { kind: module.kind, sides: [...(module.kernel ?? []), module.in, module.out, module.groups ?? 1] };
  const found =
    base instanceof FrozenConv
      ? { kind: base.kind, sides: [...base.kernel, base.in, base.out, base.geometry.groups] }
      : { kind: base.kind, sides: [] };
  if (JSON.stringify(planned) === JSON.stringify(found)) return;
  throw new LowrankError('adapter-mismatch', {
    given: `a plan with "${module.path}" as ${planned.kind} [${planned.sides.join(', ')}] of kernel, in, out and groups`,
    rule: `the model has it as ${found.kind} [${found.sides.join(', ')}]`,
    fix: "plan with this model's own modules()",
  });
}
