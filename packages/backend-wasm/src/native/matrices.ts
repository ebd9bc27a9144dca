import { BlockWeight, type FrozenWeight } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { packedRight } from './packed.js';
import type { Matrices, Products } from './products.js';
import type { Workplace } from './tensors.js';

/** A plain matrix, or with `across` its transpose. */
export function matrix({ at }: Workplace, tensor: Tensor2D, across = false): Matrices {
  const [row, column] = across ? [1, tensor.shape[1]] : [tensor.shape[1], 1];
  return { address: at(tensor), row, column, batch: 0 };
}

/** A frozen weight `[in, out]` as the right side of a product, or with `across` its transpose. */
export function rightOf(place: Workplace, weight: FrozenWeight, across: boolean): Products['b'] {
  return weight instanceof BlockWeight ? packedRight(place, weight, across) : matrix(place, weight, across);
}
