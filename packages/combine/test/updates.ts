import { patternValue, scalingOf, type Adapter } from '@lowrank/core';
import { matMul64 } from '@lowrank/testing';

/** What an adapter adds to each weight, `scaling · A B` formed whole in float64, `[in, out]` by path. */
export function updatesOf({ config, tensors }: Adapter): Map<string, Float64Array> {
  const updates = new Map<string, Float64Array>();
  for (const [name, a] of tensors) {
    const match = /^(.+)\.(lora_A\.weight|lora_embedding_A)$/.exec(name);
    if (!match) continue;
    const path = match[1] as string;
    const b = tensors.get(name.replace(/A(\.weight)?$/, 'B$1'))!;
    const rank = patternValue(config.rankPattern, path) ?? config.rank;
    const alpha = patternValue(config.alphaPattern, path) ?? config.alpha;
    const [rows, out] = [a.data.length / rank, b.shape.at(-1) as number];
    const scaling = scalingOf({ rank, alpha, useRslora: config.useRslora });
    updates.set(
      path,
      matMul64(a.data, b.data, [rows, rank, out]).map((value) => value * scaling),
    );
  }
  return updates;
}

/** `Σ weights[i] · updates of adapters[i]`; what one does not adapt counts as zeros. */
export function summed(adapters: Adapter[], weights: number[]): Map<string, Float64Array> {
  const sums = new Map<string, Float64Array>();
  adapters.forEach((adapter, at) => {
    for (const [path, values] of updatesOf(adapter)) {
      const sum = sums.get(path) ?? new Float64Array(values.length);
      sums.set(
        path,
        sum.map((value, index) => value + (weights[at] as number) * (values[index] as number)),
      );
    }
  });
  return sums;
}

/** `‖left - right‖ / ‖right‖` */
export function relativeError(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let index = 0; index < right.length; index++) {
    difference += ((left[index] as number) - (right[index] as number)) ** 2;
    size += (right[index] as number) ** 2;
  }
  return Math.sqrt(difference / size);
}
