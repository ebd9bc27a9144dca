import type { Adapter } from '@lowrank/core';
import { readParts } from './adapter/read-parts.js';
import { updateFacts, type UpdateFacts } from './update-facts.js';

/**
 * What an adapter does to each module by its path, with the singular values of the update, which is never formed: how
 * many of its ranks training really used. Throws as `combine` for an adapter that it does not take.
 */
export function updateSpectra(adapter: Adapter): Map<string, UpdateFacts> {
  const { updates } = readParts('the adapter', adapter);
  return new Map(Array.from(updates, ([path, update]) => [path, updateFacts(update)]));
}
