import { frozenLinear } from '@lowrank/core';
import { ones, scalar, tensor1d, tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase, type OpSetup } from '../op-case.js';
import { frozenLinear64 } from '../reference/frozen-linear64.js';
import { transposed64 } from '../reference/matrix64.js';
import { randn, repeated, type Values } from '../values.js';
import { refusals } from './refusals.js';
import { packings, seededWeight, type Packing } from './weights.js';

/** `x W + bias` over dense, transposed and packed weights. */
export const frozenLinearCases: ConformanceCase[] = [
  one('one value', { x: [1, 1], out: 1 }),
  one('odd sizes with a bias', { x: [3, 7], out: 5, bias: true }),
  one('three leading axes', { x: [2, 3, 5, 7], out: 3, bias: true }),
  one('batch 1', { x: [1, 64], out: 33 }),
  one('no rows', { x: [0, 5], out: 3, bias: true }),
  one('no rows of a batch, packed', { x: [2, 0, 5], out: 3, packing: { format: 'nf4', block: 32 } }),
  one('only zeros', { x: repeated([3, 7], [0]), out: 5, bias: true }),
  one('values of ±1e4', { x: repeated([5, 9], [1e4, -1e4, 0, 9999]), out: 4, bias: true }),
  one('values of 1e-20', { x: repeated([5, 9], [1e-20, -3e-20]), out: 4 }),
  one('1,025 products a sum', { x: [5, 1025], out: 7 }),
  one('odd large sizes', { x: [257, 129], out: 131, bias: true, large: true }),
  one('a whole layer', { x: [4, 64, 384], out: 384, bias: true, large: true }),
  ...packings.map((packing) =>
    one(`${packing.format} in blocks of ${packing.block}, ${packing.in} to a row`, {
      x: [3, 2, packing.in],
      out: 19,
      bias: true,
      packing,
    }),
  ),
  one('nf4, large', { x: [65, 250], out: 131, packing: { format: 'nf4', block: 64 }, large: true }),
  one('int8, large', { x: [65, 250], out: 131, packing: { format: 'int8', block: 64 }, large: true }),
  transposed('a table used as the head', [5, 7], 11),
  transposed('a large table used as the head', [33, 64], 1999, true),
  one('a packed table used as the head', { x: [5, 40], out: 11, packing: { format: 'int8', block: 32 }, head: true }),
  ...refusals('frozenLinear', [
    ['an int32 x', 'dtype-unsupported', () => frozenLinear(ones([1, 2], 'int32'), ones([2, 1]))],
    ['an int32 weight', 'dtype-unsupported', () => frozenLinear(ones([1, 2]), ones([2, 1], 'int32'))],
    ['an x of other features', 'shape-mismatch', () => frozenLinear(ones([1, 3]), ones([2, 1]))],
    ['an x without an axis', 'shape-mismatch', () => frozenLinear(scalar(1), ones([1, 1]))],
    ['a bias to be broadcast', 'shape-mismatch', () => frozenLinear(ones([1, 2]), ones([2, 3]), ones([1]))],
  ]),
];

interface Plan {
  x: number[] | Values;
  out: number;
  bias?: boolean;
  packing?: Packing;
  /** Ask for it as of an embedding's table; a packed one lies that way anyway. */
  head?: boolean;
  large?: boolean;
}

function one(title: string, { large = false, ...plan }: Plan): ConformanceCase {
  return opCase({ op: 'frozenLinear', title, large, setup: () => setup(plan) });
}

async function setup({ x, out, bias, packing, head = false }: Plan): Promise<OpSetup> {
  const input = Array.isArray(x) ? randn(x, 1) : x;
  const features = input.shape.at(-1) as number;
  const weight = await seededWeight(features, out, 2, packing);
  const shift = bias ? randn([out], 3).data : undefined;
  return {
    inputs: [input],
    shape: [...input.shape.slice(0, -1), out],
    make: (own) => {
      const [w, b] = [weight.make(own), shift && own(tensor1d(shift.slice()))];
      return (x) => frozenLinear(x, w, b, { transposed: head });
    },
    reference: (x) => frozenLinear64(x, { weight: weight.values, bias: shift, in: features, out }),
  };
}

function transposed(title: string, [rows, features]: [number, number], out: number, large = false): ConformanceCase {
  return opCase({
    op: 'frozenLinear',
    title,
    large,
    setup: () => {
      const table = randn([out, features], 2, 1 / Math.sqrt(features));
      const weight = transposed64(table.data, [out, features]);
      return {
        inputs: [randn([rows, features], 1)],
        shape: [rows, out],
        make: (own) => {
          const w: Tensor2D = own(tensor2d(table.data.slice(), [out, features]));
          return (x) => frozenLinear(x, w, undefined, { transposed: true });
        },
        reference: (x) => frozenLinear64(x, { weight, in: features, out }),
      };
    },
  });
}
