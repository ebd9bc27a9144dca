export interface BudgetSchedule {
  /** Updates in the run. */
  steps: number;
  /** Updates before the first that prunes. */
  initialSteps: number;
  /** Updates at the end, in which ranks stay as they are. */
  finalSteps: number;
  /** The budget before, and the budget after. */
  from: number;
  to: number;
}

/**
 * What update `step`, counted from 1, may keep: all at first, then `to + (from - to) (1 - t)³` with t from 0 to 1, cut to
 * a whole number, and `to` once ranks are final.
 *
 * @see Zhang et al. 2023, https://arxiv.org/abs/2303.10512, eq. 12
 */
export function budgetAt(step: number, { steps, initialSteps, finalSteps, from, to }: BudgetSchedule): number {
  if (step <= initialSteps) return from;
  const lastPruning = steps - finalSteps;
  if (step >= lastPruning) return to;
  const left = 1 - (step - initialSteps) / (lastPruning - initialSteps);
  return Math.trunc((from - to) * left ** 3 + to);
}
