import type { Adapter, AdapterPlan, PlainTensor } from '@lowrank/core';
import type { Slot } from './slots.js';
import { parametersOf } from './values.js';

const factor = /^(.+)\.lora_(?:embedding_)?([AB])(?:\.weight)?$/;

/** An adapter's tensors as large as what is held: zeros in the ranks that it has not, and for modules that it lacks. */
export function padded({ tensors }: Adapter, { room, modules }: Slot): Adapter['tensors'] {
  const ranks = ranksOf(room);
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
  const [ranks, lost] = [ranksOf(plan), ranksOf(room)];
  for (const path of ranks.keys()) lost.delete(path);
  const kept = Array.from(tensors).filter(
    ([name]) => !Array.from(lost.keys()).some((path) => name.startsWith(`${path}.`)),
  );
  return { tensors: new Map(kept.map(([name, tensor]) => [name, withRank(name, tensor, ranks)])), config };
}

/** A's and B's ranks by path: B has its share for a group. */
function ranksOf({ modules }: AdapterPlan): Map<string, { A: number; B: number }> {
  return new Map(modules.map(({ path, rank, groups = 1 }) => [path, { A: rank, B: rank / groups }]));
}

/** A `[..., rank]` or B `[..., rank, out]` with another rank, cut or with zeros; anything else as it is. */
function withRank(name: string, tensor: PlainTensor, ranks: ReturnType<typeof ranksOf>): PlainTensor {
  const [, path, which] = factor.exec(name) ?? [];
  const rank = ranks.get(path ?? '')?.[which as 'A' | 'B'];
  const { shape, data } = tensor;
  const axis = shape.length - (which === 'A' ? 1 : 2);
  const [before, after] = [shape[axis] as number, which === 'A' ? 1 : (shape[axis + 1] as number)];
  if (rank === undefined || rank === before) return tensor;
  const rows = data.length / (before * after);
  const resized = new Float32Array(rows * rank * after);
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * before * after, (row * before + Math.min(before, rank)) * after);
    resized.set(own, row * rank * after);
  }
  return { shape: shape.with(axis, rank), data: resized };
}
