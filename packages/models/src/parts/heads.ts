import { reshape, transpose, type Tensor, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';

/** @param x `[batch, seq, heads * headDim]` @returns `[batch, heads, seq, headDim]` */
export function splitHeads(x: Tensor, heads: number): Tensor4D {
  const [batch, seq] = x.shape as [number, number, number];
  return transpose(reshape(x, [batch, seq, heads, -1]), [0, 2, 1, 3]) as Tensor4D;
}

/** @param x `[batch, heads, seq, headDim]` @returns `[batch, seq, heads * headDim]` */
export function joinHeads(x: Tensor): Tensor3D {
  const [batch, heads, seq, headDim] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, seq, heads * headDim]);
}
