import type { BatchShape } from './batch-shape.js';
import type { KernelMemory } from './kernel-memory.js';

/** A batch, and how it is computed. */
export interface Workload extends BatchShape {
  /** What the backend's kernels keep. Default `wasmMemory`, lowrank's default backend. */
  kernels?: KernelMemory | undefined;
  /** Whether layers are computed again for the backward pass, so that only their inputs are kept; lowrank's trainer does not. */
  checkpointing?: boolean | undefined;
  /** Bytes of one value of an activation: 4, or 2 for what a float16 backend would need. lowrank's are float32. */
  activationBytes?: 2 | 4 | undefined;
}
