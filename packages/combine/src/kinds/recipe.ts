import { LowrankError, nearest } from '@lowrank/core';
import { randomMask, type Mask } from './random-mask.js';

/** How adapters are combined, under PEFT's names. */
const kinds = {
  cat: { on: 'stack', prune: 'none', join: 'sum' },
  linear: { on: 'factors', prune: 'none', join: 'sum' },
  svd: { on: 'update', prune: 'none', join: 'sum' },
  ties: { on: 'factors', prune: 'magnitude', join: 'elect' },
  ties_svd: { on: 'update', prune: 'magnitude', join: 'elect' },
  dare_linear: { on: 'factors', prune: 'random', join: 'sum' },
  dare_linear_svd: { on: 'update', prune: 'random', join: 'sum' },
  dare_ties: { on: 'factors', prune: 'random', join: 'elect' },
  dare_ties_svd: { on: 'update', prune: 'random', join: 'elect' },
  magnitude_prune: { on: 'factors', prune: 'magnitude', join: 'sum' },
  magnitude_prune_svd: { on: 'update', prune: 'magnitude', join: 'sum' },
} as const satisfies Record<string, Steps>;

export type CombineKind = keyof typeof kinds;

/** What a kind does. */
interface Steps {
  /** Factors set beside each other; factors A and B, each for itself; or whole updates, cut back to a rank by SVD. */
  on: 'stack' | 'factors' | 'update';
  /** Which values of each adapter are dropped first: none, the smallest, or by chance. */
  prune: 'none' | 'magnitude' | 'random';
  /** A weighted sum; or the mean of the values that have the sign of the majority. */
  join: 'sum' | 'elect';
}

export type MajoritySign = 'total' | 'frequency';

export interface CombineOptions {
  kind?: CombineKind | undefined;
  /** Of the kinds that prune: the share of values that stays, above 0 and up to 1. They have no default. */
  density?: number | undefined;
  /** Of the `ties` kinds: the sign of the values' sum, or the one that more values have. Default `total`. */
  majoritySign?: MajoritySign | undefined;
  /** Of the `svd` kinds: the rank of the result. Default: the largest that any of the adapters has. */
  rank?: number | undefined;
  /** Of the `dare` kinds: decides what is dropped. Default 0. */
  seed?: number | undefined;
  /** Which adapter saved modules, trained biases and token rows come from, by its place; default: all, averaged. */
  savedFrom?: number | undefined;
}

/** A kind's steps with their options, checked. */
export interface Recipe extends Steps {
  density: number;
  majoritySign: MajoritySign;
  rank: number | undefined;
  mask: Mask;
}

/** Throws `config-invalid` for a value out of its range, an option that the kind has no use for, or an unknown kind. */
export function recipeOf({ kind = 'cat', density, majoritySign, rank, seed }: CombineOptions): Recipe {
  if (!Object.hasOwn(kinds, kind)) {
    throw invalid(
      `kind: "${kind}"`,
      'there is no such kind',
      `nearest here: ${nearest(kind, Object.keys(kinds)).join(', ')}`,
    );
  }
  const steps: Steps = kinds[kind];
  const prunes = steps.prune !== 'none';
  const idle = (given: unknown, used: boolean, name: string) => {
    if (given === undefined || used) return;
    throw invalid(`${name} with kind "${kind}"`, 'that kind has no use for it', 'leave it out, or choose another kind');
  };
  idle(density, prunes, 'density');
  idle(majoritySign, steps.join === 'elect', 'majoritySign');
  idle(rank, steps.on === 'update', 'rank');
  idle(seed, steps.prune === 'random', 'seed');
  if (prunes && !(density !== undefined && density > 0 && density <= 1)) {
    throw invalid(
      `density: ${density}`,
      `kind "${kind}" keeps a share above 0 and up to 1 of each adapter's values`,
      'give one, such as 0.5',
    );
  }
  if (rank !== undefined && !(Number.isSafeInteger(rank) && rank > 0)) {
    throw invalid(`rank: ${rank}`, 'a rank is a whole number of 1 or more', 'give one, or leave it out');
  }
  if (majoritySign !== undefined && majoritySign !== 'total' && majoritySign !== 'frequency') {
    throw invalid(`majoritySign: "${majoritySign as string}"`, 'it is "total" or "frequency"', 'give one of them');
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw invalid(`seed: ${seed}`, 'a seed is a whole number', 'give one, or leave it out');
  }
  const mask = randomMask(density ?? 1, seed ?? 0);
  return { ...steps, density: density ?? 1, majoritySign: majoritySign ?? 'total', rank, mask };
}

function invalid(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix });
}
