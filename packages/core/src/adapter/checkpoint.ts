import type { PlainTensor } from './adapter.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Where a training run stands, as plain data: restoring it and going on gives the bits
 * that an uninterrupted run gives.
 */
export interface Checkpoint {
  /** Optimiser updates done. */
  step: number;
  /** Adapter factors under their canonical names, optimiser moments under `optimizer/<slot>/<name>`. */
  tensors: Map<string, PlainTensor>;
  /** What else the run needs to go on: its options, losses so far. */
  state: { [key: string]: Json };
}
