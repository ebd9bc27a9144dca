import type { LoraLayer } from '@lowrank/core';
import type { Slot } from './slots.js';
import { parametersOf } from './values.js';

/** What is on a model. */
export interface ManagerStatus {
  active: string | undefined;
  /** Whether the active adapter is merged. */
  merged: boolean;
  adapters: AdapterStatus[];
}

export interface AdapterStatus {
  name: string;
  rank: number;
  alpha: number;
  /** Paths of the modules with factors, in forward order. */
  modules: string[];
  /** Paths of those that are trained otherwise: saved whole, or in their bias only. */
  extras: string[];
  /** Values of all that it trains. */
  parameters: number;
}

export function adapterStatus(name: string, { config, modules }: Slot): AdapterStatus {
  const paths = [...modules.keys()];
  const hasFactors = (path: string) => (modules.get(path) as Partial<LoraLayer>).rank !== undefined;
  return {
    name,
    rank: config.rank,
    alpha: config.alpha,
    modules: paths.filter(hasFactors),
    extras: paths.filter((path) => !hasFactors(path)),
    parameters: parametersOf(modules).reduce((sum, { variable }) => sum + variable.size, 0),
  };
}
