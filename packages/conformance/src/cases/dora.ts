import { Dora } from '@lowrank/core';
import { tensor, tensor1d, zeros, type Rank, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase, type OpSetup } from '../op-case.js';
import { compare } from '../outcome.js';
import { owning } from '../owning.js';
import { columnNorms64, dora64 } from '../reference/dora64.js';
import { frozenLinear64 } from '../reference/frozen-linear64.js';
import { sum64 } from '../reference/matrix64.js';
import { randn } from '../values.js';
import { seededWeight, type Packing } from './weights.js';

const scaling = 1.5;

/** `(m / n) ∘ (W + scaling · A B)` for n the norms of its columns: the norms, and the gradients of x, A, B and m. */
export const doraCases: ConformanceCase[] = [
  one('one value', { x: [1, 1], out: 1, rank: 1 }),
  one('odd sizes with a bias', { x: [3, 7], out: 5, rank: 3, bias: true }),
  one('an input of its own for the adapter, with a bias', { x: [2, 3, 9], out: 5, rank: 2, bias: true, dropped: true }),
  one('no rows', { x: [0, 5], out: 3, rank: 2 }),
  one('no rows, an input of its own for the adapter', { x: [0, 5], out: 3, rank: 2, bias: true, dropped: true }),
  one('a rank above the sizes', { x: [4, 3], out: 2, rank: 6 }),
  one('over int8', { x: [3, 37], out: 19, rank: 3, packing: { format: 'int8', block: 32 } }),
  one('over nf4', { x: [3, 100], out: 19, rank: 3, packing: { format: 'nf4', block: 64 } }),
  one('a whole layer, rank 8', { x: [2, 64, 384], out: 384, rank: 8, large: true }),
  norms('the norms of columns', { features: 37, out: 19, rank: 3 }),
  norms('the norms of columns, where A B is large', { features: 37, out: 19, rank: 3, scale: 100 }),
  norms('the norms of columns over int8', { features: 37, out: 19, rank: 3, packing: { format: 'int8', block: 32 } }),
  norms('the norms of columns, large', { features: 257, out: 1025, rank: 8, large: true }),
];

interface Plan {
  x: number[];
  out: number;
  rank: number;
  bias?: boolean;
  dropped?: boolean;
  packing?: Packing;
  large?: boolean;
}

function one(title: string, { large = false, ...plan }: Plan): ConformanceCase {
  return opCase({ op: 'dora', title, large, setup: () => setup(plan) });
}

async function setup({ x, out, rank, bias = false, dropped = false, packing }: Plan): Promise<OpSetup> {
  const features = x.at(-1) as number;
  const weight = await seededWeight(features, out, 2, packing);
  const shift = bias ? randn([out], 3).data : undefined;
  const layer = { weight: weight.values, in: features, out, rank, scaling };
  return {
    inputs: [randn(x, 1), ...(dropped ? [randn(x, 6)] : []), ...factorsOf(features, rank, out), randn([out], 7)],
    shape: [...x.slice(0, -1), out],
    make: (own) => {
      const frozen = { weight: weight.make(own), bias: shift && own(tensor1d(shift.slice())), scaling };
      const start = { a: own(zeros<Rank.R2>([features, rank])), b: own(zeros<Rank.R2>([rank, out])) };
      const dora = own(new Dora({ ...frozen, ...start }));
      return {
        variables: [dora.magnitude],
        compute: (x, ...rest) => {
          const [a, b] = rest.slice(dropped ? 1 : 0) as [Tensor2D, Tensor2D];
          return dora.forward(x, { ...frozen, a, b }, dropped ? rest[0]! : x);
        },
      };
    },
    reference: (x, ...rest) => {
      const [a, b, m] = rest.slice(-3) as [Float64Array, Float64Array, Float64Array];
      if (!dropped) return dora64(x, a, b, m, { ...layer, bias: shift });
      const input = rest[0] as Float64Array;
      const [base, kept] = [frozenLinear64(x, { ...layer, bias: shift }), frozenLinear64(input, layer)];
      const adapted = dora64(input, a, b, m, layer);
      return {
        value: sum64(base.value, sum64(adapted.value, kept.value, -1)),
        gradient: (dy) => {
          const [dInput, ...others] = adapted.gradient(dy) as [Float64Array, ...Float64Array[]];
          return [...base.gradient(dy), sum64(dInput, kept.gradient(dy)[0] as Float64Array, -1), ...others];
        },
      };
    },
  };
}

interface Norms {
  features: number;
  out: number;
  rank: number;
  /** Of A, whose values are of size 1 / √features otherwise. */
  scale?: number;
  packing?: Packing;
  large?: boolean;
}

/** A fresh magnitude is the norms. */
function norms(title: string, { features, out, rank, scale = 1, packing, large = false }: Norms): ConformanceCase {
  return {
    op: 'dora',
    title,
    large,
    run: (tolerance) =>
      owning(async (own) => {
        const weight = await seededWeight(features, out, 2, packing);
        const factors = factorsOf(features, rank, out, scale);
        const [a, b] = factors.map(({ data, shape }) => own(tensor<Rank.R2>(data.slice(), shape as [number, number])));
        const dora = own(new Dora({ weight: weight.make(own), a: a!, b: b!, scaling }));
        const [a64, b64] = factors.map(({ data }) => Float64Array.from(data));
        const expected = columnNorms64(a64!, b64!, { weight: weight.values, in: features, out, rank, scaling });
        return compare('the norms', await dora.magnitude.data(), expected, tolerance);
      }),
  };
}

function factorsOf(features: number, rank: number, out: number, scale = 1) {
  return [randn([features, rank], 4, scale / Math.sqrt(features)), randn([rank, out], 5, 1 / Math.sqrt(rank))];
}
