import type { Tolerance } from './tolerances.js';

/** How far off a case was at its worst value, and how far that value may be off. */
export interface Outcome {
  error: number;
  tolerance: number;
  /** Which of the case's numbers that was. */
  where: string;
}

/** Error over tolerance: at most 1 where the outcome passes. */
export function shareOf({ error, tolerance }: { error: number; tolerance: number }): number {
  return error === 0 ? 0 : error / tolerance;
}

/** The outcome with the largest share of its tolerance. */
export function worstOf(outcomes: Outcome[]): Outcome {
  return outcomes.reduce((worst, each) => (shareOf(each) > shareOf(worst) ? each : worst));
}

/** The worst of all values, each held to `atol + rtol · max|expected|`. Throws where the counts differ. */
export function compare(
  where: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { atol, rtol }: Tolerance,
): Outcome {
  if (actual.length !== expected.length) {
    throw new Error(`${where}: ${actual.length} values where ${expected.length} are expected`);
  }
  let [largest, error] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    const [is, should] = [actual[index] as number, expected[index] as number];
    largest = Math.max(largest, Math.abs(should));
    const difference = Math.abs(is - should);
    if (!(difference <= error)) error = Number.isNaN(difference) ? Infinity : difference;
  }
  return { error, tolerance: atol + rtol * largest, where };
}

/** An outcome for what either holds or does not: throws `sentence` where it does not. */
export function holds(condition: boolean, sentence: string): Outcome {
  if (!condition) throw new Error(sentence);
  return { error: 0, tolerance: 0, where: sentence };
}
