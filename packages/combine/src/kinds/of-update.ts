import type { Update } from '../adapter/update.js';
import { scaledRows, topRows, turned } from '../matrix/matrix.js';
import { productSvd } from '../matrix/product-svd.js';
import { product } from '../matrix/product.js';
import type { Svd } from '../matrix/small-svd.js';
import { truncatedSvd } from '../matrix/truncated-svd.js';
import { joined } from './joined.js';
import { ofStack } from './of-stack.js';
import type { Recipe } from './recipe.js';
import type { Term } from './term.js';

/**
 * Whole updates joined, and the nearest update of `rank` to that. A weighted sum is decomposed by its factors and never
 * formed; what is pruned or elected value by value has to be, one module at a time.
 */
export function ofUpdate(terms: Term[], recipe: Recipe, rank: number): Pick<Update, 'left' | 'right' | 'scaling'> {
  const sum = recipe.prune === 'none' && recipe.join === 'sum';
  return splitAt(sum ? sumSvd(terms) : truncatedSvd(whole(terms, recipe), rank), rank);
}

/** The first singular values as factors, all of their size in B, as PEFT has it. */
export function splitAt({ left, values, right }: Svd, rank: number): Pick<Update, 'left' | 'right' | 'scaling'> {
  const kept = Math.min(rank, values.length);
  return { left: topRows(left, kept), right: scaledRows(topRows(right, kept), values), scaling: 1 };
}

/** The SVD of the weighted sum of updates, by their factors. */
export function sumSvd(terms: Term[]): Svd {
  const { left, right, scaling } = ofStack(terms);
  const svd = productSvd(left, right);
  return { ...svd, values: svd.values.map((value) => value * scaling) };
}

function whole(terms: Term[], recipe: Recipe) {
  const [{ update }] = terms as [Term, ...Term[]];
  const tensors = terms.map((term) => {
    const { data } = product(turned(term.update.left), term.update.right);
    return data.map((value) => value * term.update.scaling);
  });
  const [weights, places] = [terms.map(({ weight }) => weight), terms.map(({ place }) => place)];
  const data = joined({ name: `${update.path}/update`, tensors, weights, places }, recipe);
  return { rows: update.left.columns, columns: update.right.columns, data };
}
