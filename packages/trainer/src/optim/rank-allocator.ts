import type { Parameter } from '@lowrank/core';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import type { Optimizer } from './optimizer.js';

/**
 * What takes rank away from some modules while a run trains: a plain value, such as `adaptiveRanks` of `@lowrank/rank`.
 * Its state is the run's, kept in checkpoints beside the optimiser's.
 */
export interface RankAllocator {
  /** All that decides what it does: a run goes on only with the same. */
  fingerprint: string;
  /** The state before the first of `steps` updates, owned by the caller. Throws for a run that it does not fit. */
  init(parameters: Parameter[], steps: number): NamedTensorMap;
  /** Before update `step`: what of the state is new, owned by the caller. Changes nothing. */
  observe(standing: AllocationStanding): Promise<NamedTensorMap>;
  /** What is left of the values that an update makes, by parameter name. Runs in a `tidy` of the caller. */
  prune(updated: NamedTensorMap, state: NamedTensorMap): NamedTensorMap;
}

export interface AllocationStanding {
  /** The update's number, from 1. */
  step: number;
  steps: number;
  /** With their values before the update. */
  parameters: Parameter[];
  /** As they came from the loss, by parameter name. */
  gradients: NamedTensorMap;
  state: NamedTensorMap;
}

/** `optimizer`, pruned by `allocator`. @param observed what `observe` gave; becomes part of the new state */
export function pruned(optimizer: Optimizer, allocator: RankAllocator, observed: NamedTensorMap): Optimizer {
  return {
    init: (parameters) => optimizer.init(parameters),
    update: (gradients, state, context) => {
      const next = optimizer.update(gradients, state, context);
      const parameters = allocator.prune(next.parameters, { ...state, ...observed });
      return { parameters, state: { ...next.state, ...observed } };
    },
  };
}
