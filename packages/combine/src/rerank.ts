import { rankForEnergy, truncationError, type Adapter } from '@lowrank/core';
import { assemble } from './adapter/assemble.js';
import { joinedConfig } from './adapter/joined-config.js';
import { joinedSaved } from './adapter/joined-saved.js';
import { readParts } from './adapter/read-parts.js';
import { rankOf, type Update } from './adapter/update.js';
import { splitAt } from './kinds/of-update.js';
import { productSvd } from './matrix/product-svd.js';
import { checkSize, type SizeChoice } from './size-choice.js';

export interface Reranked {
  adapter: Adapter;
  modules: RerankedModule[];
}

export interface RerankedModule {
  path: string;
  from: number;
  rank: number;
  /** `‖update before - after‖ / ‖update before‖`. */
  error: number;
}

/**
 * The same adapter with each update cut to a smaller rank: the nearest one of that rank there is, by the SVD of the
 * product of its factors, which is never formed. With `energy` each module gets the smallest rank that keeps this share
 * of its squared norm; `ranks` gives modules their own, by path, and leaves the others. No rank goes up. What the adapter brings besides stays as it is.
 * Throws `config-invalid` for the choice, and as `combine` for an adapter that it does not take.
 *
 * @see Eckart and Young 1936, https://doi.org/10.1007/BF02288367
 */
export function rerank(adapter: Adapter, to: SizeChoice | { ranks: ReadonlyMap<string, number> }): Reranked {
  if ('ranks' in to) to.ranks.forEach((rank) => checkSize({ rank }));
  else checkSize(to);
  const parts = readParts('the adapter', adapter);
  const { config, tensors } = joinedSaved([{ ...parts, weight: 1 }], [parts]);
  const sizeOf = (update: Update) => ('ranks' in to ? { rank: to.ranks.get(update.path) ?? rankOf(update) } : to);
  const cut = Array.from(parts.updates.values(), (update) => cutUpdate(update, sizeOf(update)));
  const updates = cut.map(({ update }) => update);
  return {
    adapter: assemble({ ...joinedConfig([parts.config], updates), ...config }, updates, tensors),
    modules: cut.map(({ module }) => module),
  };
}

function cutUpdate(update: Update, to: SizeChoice): { update: Update; module: RerankedModule } {
  const { path, left, right, scaling } = update;
  const svd = productSvd(left, right);
  const values = svd.values.map((value) => value * scaling);
  const made = splitAt({ ...svd, values }, to.rank ?? rankForEnergy(values, to.energy));
  const bias = update.bias?.map((value) => value * scaling);
  const [rank, from] = [rankOf(made), rankOf(update)];
  return {
    update: { ...update, ...made, bias },
    module: { path, from, rank, error: truncationError(values, rank) },
  };
}
