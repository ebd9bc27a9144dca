import { clone, type Tensor2D } from '@tensorflow/tfjs-core';
import type { FrozenModule } from '../host/frozen-module.js';
import { BlockWeight } from '../quant/block-weight.js';
import { dequantise } from '../quant/dequantise.js';

/** The table of an embedding `[vocab, hidden]`, owned by the caller; a packed one lies by its rows, as a head does. */
export function tableOf({ weight }: FrozenModule): Tensor2D {
  return weight instanceof BlockWeight ? dequantise(weight) : (clone(weight) as Tensor2D);
}
