export interface Schedule {
  /** Updates in the run. */
  steps: number;
  /** The peak. */
  learningRate: number;
  warmupSteps: number;
  /** Where the cosine ends, as a share of the peak. */
  finalLearningRate: number;
}

/**
 * The learning rate of update `step`, counted from 1: a line up over the warm-up, then half a cosine down.
 *
 * The line would be at 0 before the first update and the cosine at its end after the last, so that no update
 * is spent at a rate of 0.
 *
 * @see Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, eq. 5
 */
export function learningRateAt(
  step: number,
  { steps, learningRate, warmupSteps, finalLearningRate }: Schedule,
): number {
  const done = step - 1;
  if (done < warmupSteps) return (learningRate * step) / (warmupSteps + 1);
  const progress = (done - warmupSteps) / (steps - warmupSteps);
  const cosine = (1 + Math.cos(Math.PI * progress)) / 2;
  return learningRate * (finalLearningRate + (1 - finalLearningRate) * cosine);
}
