import { reshape, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { OpResult } from './custom-op.js';
import { rowsOf } from './rows.js';

/** An op of one input that works row by row, on an input of any rank: `of` sees `[rows, hidden]`. */
export function overRows(x: Tensor, of: (rows: Tensor2D) => OpResult): OpResult {
  const { shape } = x;
  const flat: [number, number] = [rowsOf(shape), shape.at(-1) as number];
  const { value, gradient } = of(reshape(x, flat));
  return {
    value: reshape(value, shape),
    gradient: (dy, saved) => gradient(reshape(dy, flat), saved).map((dx) => reshape(dx, shape)),
  };
}
