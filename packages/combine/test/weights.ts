import type { WeightSource } from '@lowrank/combine';
import { randomFloats, type ModuleInfo, type PlainTensor } from '@lowrank/core';

export type Weights = Map<string, PlainTensor>;

export const modules: ModuleInfo[] = [
  { path: 'embed', kind: 'embedding', in: 11, out: 8 },
  { path: 'h.0.q', kind: 'linear', in: 8, out: 6, bias: true },
  { path: 'h.0.turned', kind: 'linear', in: 6, out: 9, fanInFanOut: true },
  { path: 'h.0.norm', kind: 'norm', out: 8 },
  { path: 'head', kind: 'linear', in: 8, out: 5, head: true },
  { path: 'tied', kind: 'tied-head', in: 8, out: 11, table: 'embed', head: true },
].map((module) => ({ ...module, parameters: module.kind === 'tied-head' ? 0 : 1, bytes: 0 }));

/** Random weights of the modules above, in the shapes that files have. */
export function weightsOf(seed: number): Weights {
  const draw = (shape: number[], at: number) => {
    const count = shape.reduce((product, side) => product * side, 1);
    return { shape, data: randomFloats(count, { distribution: 'normal', seed: seed + at }) };
  };
  return new Map([
    ['embed.weight', draw([11, 8], 0)],
    ['h.0.q.weight', draw([6, 8], 1)],
    ['h.0.q.bias', draw([6], 2)],
    ['h.0.turned.weight', draw([6, 9], 3)],
    ['h.0.norm.weight', draw([8], 4)],
    ['head.weight', draw([5, 8], 5)],
  ]);
}

/** A copy with an update `[in, out]` added to a weight that lies `[out, in]`, or as it is. */
export function tuned(
  weights: Weights,
  changes: Record<string, { update: ArrayLike<number>; turned?: boolean }>,
): Weights {
  const changed = new Map(Array.from(weights, ([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  for (const [name, { update, turned: turns = false }] of Object.entries(changes)) {
    const { shape, data } = changed.get(name)!;
    const [rows, columns] = [shape[0]!, shape[1] ?? 1];
    data.forEach((_, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      data[at]! += update[turns ? column * rows + row : at]!;
    });
  }
  return changed;
}

export function sourceOf(weights: Weights, name = 'a model', of: ModuleInfo[] = modules): WeightSource {
  return { name, modules: of, read: async (tensor) => weights.get(tensor)! };
}
