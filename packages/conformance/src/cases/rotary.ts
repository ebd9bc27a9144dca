import { rotary } from '@lowrank/core';
import { ones, tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase } from '../op-case.js';
import { rotary64 } from '../reference/rotary64.js';
import { randn } from '../values.js';
import { refusals } from './refusals.js';

type Shape = [batch: number, heads: number, seq: number, headDim: number];

/** Rotary position embedding. */
export const rotaryCases: ConformanceCase[] = [
  one('odd sizes', [2, 3, 5, 6]),
  one('the smallest head', [1, 1, 1, 2]),
  one('batch 1, far positions', [1, 2, 3, 8], { from: 4093 }),
  one('no rows', [0, 2, 3, 4]),
  one('values of 1e4', [1, 2, 3, 4], { scale: 1e4 }),
  one('large', [2, 6, 129, 64], { large: true }),
  ...refusals('rotary', [
    ['an int32 x', 'dtype-unsupported', () => rotary(ones([1, 1, 1, 2], 'int32'), angle(), angle())],
    ['an x of three axes', 'shape-mismatch', () => rotary(ones([1, 1, 2]), angle(), angle())],
    ['an odd head size', 'shape-mismatch', () => rotary(ones([1, 1, 1, 3]), angle(), angle())],
    ['angles of another length', 'shape-mismatch', () => rotary(ones([1, 1, 2, 2]), angle(), angle())],
  ]),
];

function angle(): Tensor2D {
  return tensor2d([1], [1, 1]);
}

interface Options {
  from?: number;
  scale?: number;
  large?: boolean;
}

function one(title: string, shape: Shape, { from = 0, scale = 1, large = false }: Options = {}): ConformanceCase {
  return opCase({
    op: 'rotary',
    title,
    large,
    setup: () => {
      const { cos, sin } = anglesOf(shape, from);
      const [seq, half] = [shape[2], shape[3] / 2];
      return {
        inputs: [randn(shape, 1, scale)],
        make: (own) => {
          const [c, s]: Tensor2D[] = [own(tensor2d(cos.slice(), [seq, half])), own(tensor2d(sin.slice(), [seq, half]))];
          return (x) => rotary(x, c as Tensor2D, s as Tensor2D);
        },
        reference: (x) => rotary64(x, cos, sin, half),
      };
    },
  });
}

/** `[seq, headDim / 2]` each, of positions that begin at `from`, in Llama's frequencies. */
export function anglesOf([, , seq, headDim]: Shape, from = 0): { cos: Float32Array; sin: Float32Array } {
  const half = headDim / 2;
  const angle = (index: number) => (from + Math.floor(index / half)) * 10_000 ** (-(index % half) / half);
  const angles = Array.from({ length: seq * half }, (_, index) => angle(index));
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}
