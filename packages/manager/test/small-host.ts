import { FrozenLinear, hostOf, type Host } from '@lowrank/core';
import type { Tensors } from '@lowrank/testing';
import { add, tidy, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

/** Two linears of other shapes, one after the other. */
export interface SmallHost extends Host {
  /** @param x `[batch, 5]` @returns `[batch, 4]`, owned by the caller */
  run(x: Tensor): Tensor;
}

export function smallHost(tensors: Tensors): SmallHost {
  const host = hostOf({
    'layers.0.query': new FrozenLinear(tensors.randn([5, 7]) as Tensor2D),
    'layers.0.value': new FrozenLinear(tensors.randn([5, 7]) as Tensor2D, tensors.randn([7]) as Tensor1D),
    'layers.1.out': new FrozenLinear(tensors.randn([7, 4]) as Tensor2D),
  });
  const run = (x: Tensor) =>
    tidy(() => {
      const [query, value, out] = ['layers.0.query', 'layers.0.value', 'layers.1.out'].map((path) => host.get(path));
      return out!.forward(add(query!.forward(x), value!.forward(x)));
    });
  return { ...host, run };
}
