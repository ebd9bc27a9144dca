/** How predicted classes agree with true ones. */
export interface ClassScores {
  /** The share that agrees. */
  accuracy: number;
  /** The plain mean of the F1 of each class that is predicted or true anywhere, `2 tp / (2 tp + fp + fn)`. */
  macroF1: number;
}

/**
 * Accuracy and macro F1, as scikit-learn counts them with `zero_division=0`; both NaN of nothing.
 *
 * @param predicted `[count]`, class numbers @param labels `[count]`, the true ones
 */
export function classScores(predicted: ArrayLike<number>, labels: ArrayLike<number>): ClassScores {
  const counts = new Map<number, { hits: number; named: number }>();
  const countOf = (label: number) => {
    const count = counts.get(label) ?? { hits: 0, named: 0 };
    counts.set(label, count);
    return count;
  };
  let right = 0;
  for (let index = 0; index < labels.length; index++) {
    const [guess, truth] = [countOf(predicted[index] as number), countOf(labels[index] as number)];
    guess.named++;
    truth.named++;
    if (guess !== truth) continue;
    right++;
    truth.hits++;
  }
  // 2 tp + fp + fn is how often a class is predicted and how often it is true.
  const f1 = Array.from(counts.values(), ({ hits, named }) => (2 * hits) / named);
  return { accuracy: right / labels.length, macroF1: f1.reduce((sum, value) => sum + value, 0) / f1.length };
}
