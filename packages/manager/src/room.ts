import type { Adapter, PlainTensor } from '@lowrank/core';
import type { Slot } from './slots.js';
import { parametersOf } from './values.js';

const factor = /^(.+)\.lora_(?:embedding_)?([AB])(?:\.weight)?$/;

/** An adapter's tensors as large as what is held: zeros in the ranks that it has not, and for modules that it lacks. */
export function padded({ tensors }: Adapter, { room, modules }: Slot): Adapter['tensors'] {
  const ranks = ranksOf(room.modules);
  const all = new Map(Array.from(tensors, ([name, tensor]) => [name, withRank(name, tensor, ranks)]));
  const there = new Set(Array.from(tensors.keys(), (name) => factor.exec(name)?.[1]));
  for (const { name, path, variable } of parametersOf(modules)) {
    if (!ranks.has(path) || there.has(path)) continue;
    all.set(name, { shape: variable.shape, data: new Float32Array(variable.size) });
  }
  return all;
}

/** What `padded` was made of: the tensors of the modules of `plan`, with the ranks that it gives them. */
export function cropped({ tensors, config }: Adapter, { plan, room }: Pick<Slot, 'plan' | 'room'>): Adapter {
  if (plan === room) return { tensors, config };
  const [ranks, lost] = [ranksOf(plan.modules), ranksOf(room.modules)];
  for (const path of ranks.keys()) lost.delete(path);
  const kept = Array.from(tensors).filter(
    ([name]) => !Array.from(lost.keys()).some((path) => name.startsWith(`${path}.`)),
  );
  return { tensors: new Map(kept.map(([name, tensor]) => [name, withRank(name, tensor, ranks)])), config };
}

function ranksOf(modules: { path: string; rank: number }[]): Map<string, number> {
  return new Map(modules.map(({ path, rank }) => [path, rank]));
}

/** A `[rows, rank]` or B `[rank, columns]` with another rank, cut or with zeros; anything else as it is. */
function withRank(name: string, tensor: PlainTensor, ranks: Map<string, number>): PlainTensor {
  const [, path, which] = factor.exec(name) ?? [];
  const rank = path === undefined ? undefined : ranks.get(path);
  const [rows, columns] = tensor.shape as [number, number];
  if (rank === undefined || rank === (which === 'A' ? columns : rows)) return tensor;
  if (which === 'B') {
    const data = new Float32Array(rank * columns);
    data.set(tensor.data.subarray(0, data.length));
    return { shape: [rank, columns], data };
  }
  const data = new Float32Array(rows * rank);
  const width = Math.min(rank, columns);
  for (let row = 0; row < rows; row++) {
    data.set(tensor.data.subarray(row * columns, row * columns + width), row * rank);
  }
  return { shape: [rows, rank], data };
}
