import type { Backend } from '@lowrank/core';
import '@tensorflow/tfjs-backend-cpu';

/** tfjs's plain JavaScript backend: slow, and the second opinion on every number. */
export function cpu(): Backend {
  return { name: 'cpu', init: async () => {}, capabilities: () => ({ threads: 1 }) };
}
