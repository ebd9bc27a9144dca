import { loraLinear } from '@lowrank/core';
import { ones, tensor1d, type Rank, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase, type OpSetup } from '../op-case.js';
import { loraLinear64 } from '../reference/lora-linear64.js';
import { randn, repeated, type Values } from '../values.js';
import { mergedCases } from './merged-layer.js';
import { refusals } from './refusals.js';
import { packings, seededWeight, type Packing } from './weights.js';

/** `x W + bias + scaling · (x' A) B` over dense and packed weights, with and without dropout. */
export const loraLinearCases: ConformanceCase[] = [
  one('one value', { x: [1, 1], out: 1, rank: 1 }),
  one('odd sizes with a bias', { x: [3, 7], out: 5, rank: 3, bias: true }),
  one('an input of its own for the adapter', { x: [3, 7], out: 5, rank: 2, dropped: true }),
  one('an input of its own for the adapter, with a bias', { x: [2, 3, 9], out: 5, rank: 2, dropped: true, bias: true }),
  one('three leading axes', { x: [2, 1, 3, 7], out: 4, rank: 2, bias: true }),
  one('a rank above the sizes', { x: [4, 3], out: 2, rank: 6 }),
  one('batch 1', { x: [1, 64], out: 33, rank: 8 }),
  one('no rows', { x: [0, 5], out: 3, rank: 2, bias: true }),
  one('only zeros', { x: repeated([3, 7], [0]), out: 5, rank: 2, bias: true }),
  one('values of ±1e4', { x: repeated([5, 9], [1e4, -1e4, 0, 9999]), out: 4, rank: 2 }),
  one('a scaling of 1e-3', { x: [5, 9], out: 4, rank: 2, scaling: 1e-3 }),
  one('a scaling of 64', { x: [5, 9], out: 4, rank: 2, scaling: 64 }),
  one('odd large sizes, rank 8', { x: [257, 129], out: 131, rank: 8, bias: true, large: true }),
  one('a whole layer, rank 16, with dropout', { x: [2, 64, 384], out: 384, rank: 16, dropped: true, large: true }),
  ...packings.map((packing) =>
    one(`${packing.format} in blocks of ${packing.block}, ${packing.in} to a row`, {
      x: [3, 2, packing.in],
      out: 19,
      rank: 3,
      bias: packing.block === 32,
      dropped: packing.in === 100,
      packing,
    }),
  ),
  one('q4, large, rank 8', { x: [65, 250], out: 131, rank: 8, packing: { format: 'q4', block: 32 }, large: true }),
  ...mergedCases,
  ...refusals('loraLinear', [
    ['an int32 x', 'dtype-unsupported', () => loraLinear(ones([1, 2], 'int32'), tiny())],
    ['an int32 factor', 'dtype-unsupported', () => loraLinear(ones([1, 2]), { ...tiny(), b: ones([1, 1], 'int32') })],
    ['an x of other features', 'shape-mismatch', () => loraLinear(ones([1, 3]), tiny())],
    ['factors of unlike ranks', 'shape-mismatch', () => loraLinear(ones([1, 2]), { ...tiny(), b: ones([2, 1]) })],
    ['a factor of another layer', 'shape-mismatch', () => loraLinear(ones([1, 2]), { ...tiny(), a: ones([3, 1]) })],
    ['an adapter input of another shape', 'shape-mismatch', () => loraLinear(ones([1, 2]), tiny(), ones([2, 2]))],
  ]),
];

interface Plan {
  x: number[] | Values;
  out: number;
  rank: number;
  bias?: boolean;
  dropped?: boolean;
  scaling?: number;
  packing?: Packing;
  large?: boolean;
}

function one(title: string, { large = false, ...plan }: Plan): ConformanceCase {
  return opCase({ op: 'loraLinear', title, large, setup: () => setup(plan) });
}

async function setup({ x, out, rank, bias, dropped, scaling = 1.5, packing }: Plan): Promise<OpSetup> {
  const input = Array.isArray(x) ? randn(x, 1) : x;
  const features = input.shape.at(-1) as number;
  const weight = await seededWeight(features, out, 2, packing);
  const shift = bias ? randn([out], 3).data : undefined;
  const factors = [randn([features, rank], 4, 1 / Math.sqrt(features)), randn([rank, out], 5, 1 / Math.sqrt(rank))];
  const sizes = { weight: weight.values, bias: shift, in: features, out, rank, scaling };
  return {
    inputs: dropped ? [input, randn(input.shape, 6), ...factors] : [input, ...factors],
    shape: [...input.shape.slice(0, -1), out],
    make: (own) => {
      const frozen = { weight: weight.make(own), bias: shift && own(tensor1d(shift.slice())), scaling };
      return (x, ...rest) => {
        const [b, a] = [rest.pop() as Tensor2D, rest.pop() as Tensor2D];
        return loraLinear(x, { ...frozen, a, b }, rest[0]);
      };
    },
    reference: (x, ...rest) => {
      const [b, a] = [rest.pop() as Float64Array, rest.pop() as Float64Array];
      const { value, gradient } = loraLinear64(x, rest[0] ?? x, a, b, sizes);
      return { value, gradient: (dy) => (dropped ? gradient(dy) : joined(gradient(dy))) };
    },
  };
}

/** Without dropout, x is also the adapter's input. */
function joined([dx, dDropped, ...factors]: Float64Array[]): Float64Array[] {
  const through = dDropped as Float64Array;
  return [(dx as Float64Array).map((value, index) => value + (through[index] as number)), ...factors];
}

function tiny() {
  return { weight: ones<Rank.R2>([2, 1]), a: ones<Rank.R2>([2, 1]), b: ones<Rank.R2>([1, 1]), scaling: 1 };
}
