import type { TrialOutcome } from './run-sweep.js';

/** A sweep's outcome as plain data: the same however trials were run, asynchronous halving aside, where order decides. */
export interface SweepReport {
  /** Of those that went furthest, the one whose held-out loss is least; undefined where all failed. */
  best?: TrialOutcome;
  /** The furthest first, of these the least loss, failed ones last; of equals the earlier. */
  trials: TrialOutcome[];
}

/** Sorts what trials came to, and names the best. */
export function sweepReport(outcomes: readonly TrialOutcome[]): SweepReport {
  const trials = [...outcomes].sort(
    (left, right) =>
      Number(left.loss === undefined) - Number(right.loss === undefined) ||
      right.step - left.step ||
      (left.loss ?? 0) - (right.loss ?? 0),
  );
  const [best] = trials;
  return { ...(best?.loss !== undefined && { best }), trials };
}
