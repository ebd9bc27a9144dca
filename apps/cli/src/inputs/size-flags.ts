import type { SizeChoice } from '@lowrank/combine';
import { wrongOption } from '../output/usage-error.js';

export interface SizeFlags {
  rank?: number;
  energy?: number;
}

/** Throws a usage error without either. */
export function sizeOf({ rank, energy }: SizeFlags): SizeChoice {
  if (rank !== undefined) return { rank };
  if (energy !== undefined) return { energy };
  throw wrongOption({
    given: 'neither --rank nor --energy',
    rule: 'one of them says how far to cut',
    fix: 'add --rank, such as 8, or --energy, such as 0.99',
  });
}
