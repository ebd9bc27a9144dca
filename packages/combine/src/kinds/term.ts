import type { Update } from '../adapter/update.js';

/** What one adapter brings to one module. */
export interface Term {
  update: Update;
  weight: number;
  /** Which adapter it is of. */
  place: number;
  /** What messages call that. */
  given: string;
}

/** What the update is multiplied by in all. */
export function shareOf({ update, weight }: Term): number {
  return weight * update.scaling;
}
