import type { PlainTensor } from '@lowrank/core/plan';
import type { ModuleUpdate } from './module-update.js';

/** The value that most have; of several, the first. */
export function commonest(values: number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** A tensor times a factor; the tensor itself where that is 1. */
export function times({ shape, data }: PlainTensor, factor: number): PlainTensor {
  return factor === 1 ? { shape, data } : { shape, data: data.map((value) => value * factor) };
}

export interface EvenModules {
  modules: ModuleUpdate[];
  /** Of every module. */
  rank: number;
  /** Of every module: alpha / rank. */
  scaling: number;
}

/**
 * The same updates under one rank and one scaling, for formats that have no more: factors of a lower rank are filled
 * up with zeros, and a scaling of a module's own is multiplied into its B.
 */
export function evened(modules: ModuleUpdate[]): EvenModules {
  const rank = Math.max(...modules.map((module) => module.rank));
  const scaling = commonest(modules.map((module) => module.alpha / module.rank));
  const even = modules.map((module): ModuleUpdate => {
    const b = moreRows(times(module.b, module.alpha / module.rank / scaling), rank);
    return { ...module, a: widerRows(module.a, rank), b, rank, alpha: rank * scaling };
  });
  return { modules: even, rank, scaling };
}

/** `[in, own rank]` as `[in, rank]`. */
function widerRows({ shape: [rows = 0, own = 0], data }: PlainTensor, rank: number): PlainTensor {
  if (own === rank) return { shape: [rows, rank], data };
  const wider = new Float32Array(rows * rank);
  for (let row = 0; row < rows; row++) wider.set(data.subarray(row * own, (row + 1) * own), row * rank);
  return { shape: [rows, rank], data: wider };
}

/** `[own rank, out]` as `[rank, out]`. */
function moreRows({ shape: [, columns = 0], data }: PlainTensor, rank: number): PlainTensor {
  const more = new Float32Array(rank * columns);
  more.set(data);
  return { shape: [rank, columns], data: more };
}
