import { invariant } from '@lowrank/core';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import type { Optimizer } from './optimizer.js';

/** Parts one after another: each takes what the one before gives, and keeps slots of its own. */
export function chain(...parts: Optimizer[]): Optimizer {
  return {
    init: (parameters) => parts.reduce<NamedTensorMap>((slots, part) => joined(slots, part.init(parameters)), {}),
    update: (gradients, state, context) => {
      let updates = gradients;
      let next: NamedTensorMap = {};
      for (const part of parts) {
        const result = part.update(updates, state, context);
        updates = result.updates;
        next = joined(next, result.state);
      }
      return { updates, state: next };
    },
  };
}

function joined(slots: NamedTensorMap, more: NamedTensorMap): NamedTensorMap {
  for (const key of Object.keys(more)) invariant(!(key in slots), `two optimiser parts keep "${key}"`);
  return { ...slots, ...more };
}
