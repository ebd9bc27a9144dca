import { embeddingLookup, FrozenLinear, type FrozenModule, type MergedTensors } from '@lowrank/core';

/** A module of the base's kind with other tensors, which stay their owner's. */
export function plainModule({ kind }: FrozenModule, { weight, bias }: MergedTensors): FrozenModule {
  if (kind === 'embedding') return { kind, weight, forward: (ids) => embeddingLookup(weight, ids) };
  return new FrozenLinear(weight, bias);
}
