import { electedMean, weightedSum } from './join.js';
import { largestKept, masked } from './prune.js';
import type { Recipe } from './recipe.js';

/** The same tensor of several adapters. */
export interface Shares {
  /** Which tensor of which module this is: it decides what is dropped by chance. */
  name: string;
  tensors: Float64Array[];
  weights: number[];
  /** Which adapter each is of. */
  places: number[];
}

/** One tensor of several, pruned and joined as the recipe says; value by value, so that layouts do not matter. */
export function joined({ name, tensors, weights, places }: Shares, recipe: Recipe): Float64Array {
  const { density, prune, mask } = recipe;
  const kept = tensors.map((values, which) => {
    if (prune === 'none' || density === 1) return values;
    if (prune === 'magnitude') return largestKept(values, density);
    return masked(values, mask(name, places[which] as number, values.length), density);
  });
  return recipe.join === 'sum' ? weightedSum(kept, weights) : electedMean(kept, weights, recipe.majoritySign);
}
