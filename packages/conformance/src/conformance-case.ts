import type { Outcome } from './outcome.js';
import type { Op, Tolerance } from './tolerances.js';

/** One thing that a backend must get right. */
export interface ConformanceCase {
  op: Op;
  /** Unlike that of every other case of the op. */
  title: string;
  /** Of a size that a slow backend may leave out, by `large: false`. */
  large: boolean;
  /** Runs on the active backend, which it leaves as it was. Throws where there is no number to compare. */
  run: (tolerance: Tolerance) => Promise<Outcome>;
}
