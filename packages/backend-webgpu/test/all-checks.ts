import { checksByRow } from './checks-by-row.js';
import { checksOfAttention } from './checks-of-attention.js';
import { checksOfProducts } from './checks-of-products.js';
import type { OpCheck } from './op-check.js';

/** Every op that has a kernel in WGSL, held against float64. */
export function allChecks(): OpCheck[] {
  return [...checksByRow(), ...checksOfAttention(), ...checksOfProducts()];
}
