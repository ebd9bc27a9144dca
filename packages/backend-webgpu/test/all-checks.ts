import { checksByRow } from './checks-by-row.js';
import type { OpCheck } from './op-check.js';

/** Every op that has a kernel in WGSL, held against float64. */
export function allChecks(): OpCheck[] {
  return checksByRow();
}
