import type { Update } from '../adapter/update.js';
import { scaled, stacked } from '../matrix/matrix.js';
import { shareOf, type Term } from './term.js';

/**
 * The weighted sum itself: factors beside each other, so that ranks add up. Weights, and scalings where they differ, go
 * into A.
 */
export function ofStack(terms: Term[]): Pick<Update, 'left' | 'right' | 'scaling'> {
  const own = (terms[0] as Term).update.scaling;
  const scaling = terms.every(({ update }) => update.scaling === own) ? own : 1;
  const lefts = terms.map((term) => scaled(term.update.left, shareOf(term) / scaling));
  return { left: stacked(lefts), right: stacked(terms.map(({ update }) => update.right)), scaling };
}
