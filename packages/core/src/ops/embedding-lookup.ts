import { gather, reshape, tidy, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { kernelOf } from '../backend/active-kernels.js';
import type { FrozenWeight } from '../backend/kernels.js';
import { BlockWeight } from '../quant/block-weight.js';
import { dequantise } from '../quant/dequantise.js';
import { requireDtype } from './require-dtype.js';

/**
 * Rows of a frozen table. Of a packed one, only the rows that are asked for are unpacked.
 *
 * @param table `[vocab, hidden]`; a packed one is that of a head, of shape `[hidden, vocab]`
 * @param ids int32, `[batch, seq]`
 * @returns `[batch, seq, hidden]`, owned by the caller.
 * @throws `dtype-unsupported`
 */
export function embeddingLookup(table: FrozenWeight, ids: Tensor): Tensor {
  requireDtype('embeddingLookup', 'ids', ids, 'int32');
  return tidy(() => {
    const flat: Tensor1D = reshape(ids, [ids.size]);
    const rows = table instanceof BlockWeight ? unpacked(table, flat) : plain(table, flat);
    return reshape(rows, [...ids.shape, rows.shape[1]]);
  });
}

function plain(table: Tensor2D, ids: Tensor1D): Tensor2D {
  return kernelOf('embeddingLookup')?.({ table, ids }) ?? gather(table, ids);
}

function unpacked({ format, packed, scales, shape, block }: BlockWeight, ids: Tensor): Tensor2D {
  return dequantise(new BlockWeight(format, gather(packed, ids), gather(scales, ids), shape[0], block));
}
