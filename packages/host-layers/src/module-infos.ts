import { FrozenConv, type FrozenModule, type ModuleInfo } from '@lowrank/core';
import type { layers } from '@tensorflow/tfjs-layers';
import { kindOf } from './frozen-layer.js';

type Layer = layers.Layer;

/** A layer with weights as plain data. */
export function infoOf(path: string, layer: Layer, frozen: FrozenModule | undefined, head: boolean): ModuleInfo {
  const parameters = layer.weights.reduce((sum, { shape }) => sum + sizeOf(shape as number[]), 0);
  return {
    path,
    kind: kindOf(layer),
    ...(frozen && sidesOf(frozen)),
    ...(frozen && { bias: frozen.bias !== undefined }),
    ...(head && { head }),
    parameters,
    bytes: 4 * parameters,
  };
}

function sidesOf(frozen: FrozenModule): Partial<ModuleInfo> {
  if (frozen instanceof FrozenConv) return { in: frozen.in, out: frozen.out, kernel: frozen.kernel };
  const [from, out] = frozen.weight.shape as [number, number];
  return { in: from, out };
}

function sizeOf(shape: number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
