import type { FlopCount, MemoryParts, ModuleCost, PlanCost, StepFlops, StepMemory } from '@lowrank/efficiency';

/** What a part takes of a step. */
interface Taken {
  memory: StepMemory;
  flops: FlopCount | null;
}

/** A plan's parts: over all of them, memory and work sum to the whole's. */
export interface PlanParts {
  /** The adapted modules. */
  modules: (ModuleCost & Taken)[];
  /** The other modules, by path, and what lies between modules, by op. */
  others: ({ path: string | null; op: string | null } & Taken)[];
}

/** Puts together what each part of a plan costs. */
export function planParts(cost: PlanCost, memory: MemoryParts, flops: StepFlops): PlanParts {
  const modules = cost.modules.map((module) => ({
    ...module,
    memory: memory.modules.get(module.path) as StepMemory,
    flops: flops.modules.get(module.path) ?? null,
  }));
  const adapted = new Set(cost.modules.map(({ path }) => path));
  const frozen = [...memory.modules].filter(([path]) => !adapted.has(path));
  const others = [
    ...frozen.map(([path, own]) => ({ path, op: null, memory: own, flops: flops.modules.get(path) ?? null })),
    ...Array.from(memory.ops, ([op, own]) => ({
      path: null,
      op,
      memory: own,
      flops: op === 'attention' ? flops.attention : null,
    })),
  ];
  return { modules, others };
}
