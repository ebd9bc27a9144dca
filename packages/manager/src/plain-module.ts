import {
  embeddingLookup,
  FrozenConv,
  FrozenLinear,
  invariant,
  layerNorm,
  rmsNorm,
  type FrozenModule,
  type FrozenWeight,
} from '@lowrank/core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

/** A module of the base's kind with other tensors, which stay their owner's. */
export function plainModule(base: FrozenModule, { weight, bias }: Pick<FrozenModule, 'weight' | 'bias'>): FrozenModule {
  const { kind, epsilon } = base;
  const [table, vector] = [weight as FrozenWeight, weight as Tensor1D];
  if (kind === 'linear') return new FrozenLinear(table, bias);
  if (base instanceof FrozenConv) return new FrozenConv(weight as Tensor4D, bias, base.geometry);
  if (kind === 'embedding') return { kind, weight, forward: (ids) => embeddingLookup(table, ids) };
  if (kind === 'norm') return { kind, weight, epsilon, forward: (x) => rmsNorm(x, vector, epsilon as number) };
  invariant(kind === 'layer-norm', `no plain module of kind ${kind}`);
  const forward = (x: Tensor) => layerNorm(x, vector, bias as Tensor1D, epsilon as number);
  return { kind, weight, bias, epsilon, forward };
}
