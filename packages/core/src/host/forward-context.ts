import type { BatchRows } from './batch-rows.js';

/** What a forward pass must know besides its input. Absent means evaluation. */
export interface ForwardContext {
  /** Dropout acts only when true. */
  training: boolean;
  /** Makes every random choice of this pass; the same seed gives the same masks. */
  seed: number;
  /** Which adapter each row of the batch passes through, where that is not the same for all: see `LoraManager.forRows`. */
  rows?: BatchRows;
}
