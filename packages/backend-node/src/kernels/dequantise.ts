import { codebooks, type BlockFormat, type BlockWeight, type PlainKernel } from '@lowrank/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Formula, Value } from '../graph/formula.js';
import type { Run } from '../graph/load-programs.js';
import { ofType } from '../graph/node-def.js';
import { program } from '../graph/program.js';

export const dequantisePrograms = {
  int8: unpacked((f, words) => f.cast(f.bitcast(words, 'int8'), 'float32')),
  nf4: unpacked((f, words) => looked(f, words, codebooks.nf4)),
  q4: unpacked((f, words) => looked(f, words, codebooks.q4)),
  f16: unpacked((f, words) => f.cast(f.bitcast(words, 'float16'), 'float32'), false),
  bf16: unpacked((f, words) => f.cast(f.bitcast(words, 'bfloat16'), 'float32'), false),
};

/** `codes` gives what each packed value stands for before its scale, in order, of any shape; halves have no scale. */
function unpacked(codes: (f: Formula, words: Value) => Value, scaled = true) {
  return program(['idsPacked', 'scales', 'shapeBlocks', 'shapeScales', 'shapeStored', 'shapeOut'], (f, inputs) => {
    const { idsPacked, scales, shapeBlocks, shapeScales, shapeStored, shapeOut } = inputs;
    const blocks = f.reshape(codes(f, idsPacked), shapeBlocks);
    const values = f.reshape(scaled ? f.mul(blocks, f.reshape(scales, shapeScales)) : blocks, shapeStored);
    const attributes = { T: ofType('float32'), Index: ofType('int32') };
    return [f.node('Slice', [values, f.constant([0, 0], [2], 'int32'), shapeOut], 'float32', attributes)];
  });
}

/** Both codes of a byte at once, the low one first, from a table of all bytes. */
function looked(f: Formula, words: Value, codebook: Float32Array): Value {
  const pairs = Array.from({ length: 256 }, (_, byte) => [codebook[byte & 15], codebook[byte >> 4]] as number[]);
  const indices = f.cast(f.bitcast(words, 'uint8'), 'int32');
  return f.node(
    'GatherV2',
    [f.constant(pairs.flat(), [256, 2], 'float32'), indices, f.constant(0, [], 'int32')],
    'float32',
    {
      Tparams: ofType('float32'),
      Tindices: ofType('int32'),
      Taxis: ofType('int32'),
    },
  );
}

export function dequantise(run: Record<BlockFormat, Run>): PlainKernel<BlockWeight, Tensor2D> {
  return ({ format, packed, scales, block, shape: [features, out] }) => {
    const blocks = scales.shape[1];
    const shapes = [
      [out, blocks, block],
      [out, blocks, 1],
      [out, blocks * block],
      [out, features],
    ];
    return run[format](packed, scales, ...shapes)[0] as Tensor2D;
  };
}
