import { LowrankError } from '@lowrank/core';
import type { Update } from '../adapter/update.js';
import { joined } from './joined.js';
import { ofFactors } from './of-factors.js';
import { ofStack } from './of-stack.js';
import { ofUpdate } from './of-update.js';
import type { Recipe } from './recipe.js';
import type { Term } from './term.js';

/**
 * What several adapters come to on one module; one that does not adapt it has no term.
 * Throws `shape-mismatch` where they were trained on modules of two shapes, or where the kind needs ranks to be the same.
 *
 * @param rank of the kinds that cut back to one
 */
export function combineModule(terms: Term[], recipe: Recipe, rank: number): Update {
  const [{ update: first }] = terms as [Term, ...Term[]];
  for (const term of terms) checkShape(terms[0] as Term, term);
  const made = madeOf(terms, recipe, rank);
  return { ...first, ...made, bias: biasOf(terms, recipe, made.scaling) };
}

function madeOf(terms: Term[], recipe: Recipe, rank: number): Pick<Update, 'left' | 'right' | 'scaling'> {
  switch (recipe.on) {
    case 'stack':
      return ofStack(terms);
    case 'factors':
      return ofFactors(terms, recipe);
    case 'update':
      return ofUpdate(terms, recipe, rank);
    default:
      return recipe.on satisfies never;
  }
}

/** The biases on B, scaled, joined as the updates are. */
function biasOf(terms: Term[], recipe: Recipe, scaling: number): Float64Array | undefined {
  const having = terms.filter(({ update }) => update.bias !== undefined);
  if (having.length === 0) return undefined;
  const tensors = having.map(({ update }) =>
    (update.bias as Float64Array).map((value) => (value * update.scaling) / scaling),
  );
  const [weights, places] = [having.map(({ weight }) => weight), having.map(({ place }) => place)];
  return joined({ name: `${having[0]?.update.path}/bias`, tensors, weights, places }, recipe);
}

function checkShape(first: Term, other: Term): void {
  const shape = ({ update: { kind, sides, right } }: Term) =>
    `${kind} [${[...sides.before, right.columns].join(', ')}]`;
  if (shape(first) === shape(other) && first.update.sides.ones.length === other.update.sides.ones.length) return;
  throw new LowrankError('shape-mismatch', {
    given: `"${first.update.path}": a ${shape(first)} in ${first.given}, a ${shape(other)} in ${other.given}`,
    rule: 'adapters that are combined are of one base',
    fix: 'combine adapters of the same model',
  });
}
