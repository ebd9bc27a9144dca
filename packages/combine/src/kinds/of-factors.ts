import { LowrankError } from '@lowrank/core';
import { rankOf, type Update } from '../adapter/update.js';
import type { Matrix } from '../matrix/matrix.js';
import { joined } from './joined.js';
import type { Recipe } from './recipe.js';
import { shareOf, type Term } from './term.js';

/**
 * A and B each joined for itself, with the root of `weight · scaling` on either: PEFT's approximation, which has the cross
 * terms `A₁ B₂` that a sum of updates does not have.
 * Throws `shape-mismatch` where ranks differ.
 */
export function ofFactors(terms: Term[], recipe: Recipe): Pick<Update, 'left' | 'right' | 'scaling'> {
  checkRanks(terms);
  const roots = terms.map((term) => Math.sqrt(Math.abs(shareOf(term))));
  const signed = roots.map((root, which) => (shareOf(terms[which] as Term) < 0 ? -root : root));
  const join = (side: 'left' | 'right', weights: number[]): Matrix => {
    const [first] = terms as [Term, ...Term[]];
    const tensors = terms.map(({ update }) => update[side].data);
    const shares = { name: `${first.update.path}/${side}`, tensors, weights, places: terms.map(({ place }) => place) };
    return { ...first.update[side], data: joined(shares, recipe) };
  };
  return { left: join('left', signed), right: join('right', roots), scaling: 1 };
}

function checkRanks(terms: Term[]): void {
  const [first, ...others] = terms as [Term, ...Term[]];
  const other = others.find(({ update }) => rankOf(update) !== rankOf(first.update));
  if (!other) return;
  throw new LowrankError('shape-mismatch', {
    given: `"${first.update.path}": rank ${rankOf(first.update)} in ${first.given}, ${rankOf(other.update)} in ${other.given}`,
    rule: 'this kind joins A with A and B with B, so their ranks are the same',
    fix: 'take kind "cat", or one that ends in "svd", or bring them to one rank first (`rerank`)',
  });
}
