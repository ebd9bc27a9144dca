import type { UpdateFacts } from '@lowrank/combine';
import type { Adapter, AdapterPlan } from '@lowrank/core';

/** A saved adapter as a plan of its modules; what it trains besides is one extra, and of its base nothing is known. */
export function adapterPlan({ config, tensors }: Adapter, facts: ReadonlyMap<string, UpdateFacts>): AdapterPlan {
  const modules = Array.from(facts, ([path, { in: from, out, rank, scaling }]) => ({
    ...{ path, kind: 'linear', in: from, out, rank, scaling },
    alpha: config.useRslora ? scaling * Math.sqrt(rank) : scaling * rank,
    parameters: rank * (from + out),
    baseParameters: from * out,
  }));
  const all = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  const besides = all - modules.reduce((sum, { parameters }) => sum + parameters, 0);
  return {
    config,
    modules,
    extras: besides > 0 ? [{ path: 'besides', kind: 'tensors', trains: 'module', parameters: besides }] : [],
    base: { parameters: 0, bytes: 0 },
    warnings: [],
  };
}
