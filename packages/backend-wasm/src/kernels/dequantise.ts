import type { BlockWeight, PlainKernel } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { forms, planesOf } from '../native/packed.js';
import { runRows } from '../native/rows.js';
import { workplace } from '../native/tensors.js';

/** The values of a quantised weight, in one pass. */
export const dequantise: PlainKernel<BlockWeight, Tensor2D> = ({ format, packed, scales, block, shape }) => {
  const [columns, rows] = shape;
  const { engine, make, at } = workplace();
  const value = make<Tensor2D>([rows, columns]);
  const room = (scales.shape[1] as number) * block;
  const sizes = { z: forms[format], w: room, rows, columns, flag: block, more: planesOf(format) };
  runRows(engine, 'dequantise', { out: at(value), x: at(packed), y: at(scales), ...sizes });
  return value;
};
