/** A sequence of its own length to learn from. */
export interface TokenExample {
  ids: Int32Array;
  /** The id that follows each of `ids`; -100 where it is not to be learned. */
  targets: Int32Array;
}

/** An example of `tokens` where those that `isLearned` says are targets; one place shorter, for nothing follows the last. */
export function tokenExample(tokens: ArrayLike<number>, isLearned: (place: number) => boolean): TokenExample {
  const all = Int32Array.from(tokens);
  const targets = all.slice(1).map((id, index) => (isLearned(index + 1) ? id : -100));
  return { ids: all.slice(0, -1), targets };
}
