/** A column of A with its row of B. */
export interface Component {
  score: number;
  /** Its parameters. */
  cost: number;
}

/**
 * Which components stay: those with the highest scores, as long as their costs add up to the budget at most. One that
 * no longer fits is passed over for smaller ones. A score is a mean over parameters, so this keeps what matters most
 * for its size; of equal scores the first stays.
 */
export function keptComponents(components: readonly Component[], budget: number): boolean[] {
  const kept = components.map(() => false);
  let left = budget;
  const order = components.map((_, index) => index).toSorted((a, b) => components[b]!.score - components[a]!.score);
  for (const index of order) {
    const { cost } = components[index]!;
    if (cost > left) continue;
    kept[index] = true;
    left -= cost;
  }
  return kept;
}
