import { FrozenLinear, hostOf, type ForwardContext, type Host } from '@lowrank/core';
import type { Tensors } from '@lowrank/testing';
import { add, tidy, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

/** Three linears of other shapes: the sum of the first two goes through the third. */
export interface SmallHost extends Host {
  /** @param x `[batch, ..., 5]` @returns `[batch, ..., 4]`, owned by the caller */
  run(x: Tensor, context?: ForwardContext): Tensor;
}

export const paths = ['layers.0.query', 'layers.0.value', 'layers.1.out'] as const;

export function smallHost(tensors: Tensors): SmallHost {
  const host = hostOf({
    'layers.0.query': new FrozenLinear(tensors.randn([5, 7]) as Tensor2D),
    'layers.0.value': new FrozenLinear(tensors.randn([5, 7]) as Tensor2D, tensors.randn([7]) as Tensor1D),
    'layers.1.out': new FrozenLinear(tensors.randn([7, 4]) as Tensor2D),
  });
  const run = (x: Tensor, context?: ForwardContext) =>
    tidy(() => {
      const [query, value, out] = paths.map((path) => host.get(path));
      return out!.forward(add(query!.forward(x, context), value!.forward(x, context)), context);
    });
  return { ...host, run };
}
