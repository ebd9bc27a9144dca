/** Logits `[seq, vocab]` as probabilities. */
export function softmax(logits: number[]): number[] {
  const most = Math.max(...logits);
  const parts = logits.map((logit) => Math.exp(logit - most));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}

/** The largest difference of two probabilities' logarithms, where theirs is not next to nothing. */
export function worstLog(ours: number[][][], theirs: number[][][]): number {
  const [left, right] = [ours.flat(2), theirs.flat(2)];
  if (left.length !== right.length) return Infinity;
  return Math.max(
    ...right.map((value, at) => (value < 1e-6 ? 0 : Math.abs(Math.log(left[at] as number) - Math.log(value)))),
  );
}
