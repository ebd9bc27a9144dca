import { BlockWeight, frozenLinear, loraLinear, type BlockFormat, type FrozenWeight } from '@lowrank/core';
import { tensor, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { matMul64, transposed64 } from './float64.js';
import { random, type OpCheck } from './op-check.js';

/** Products with frozen weights, on sides that no tile divides. */
export function checksOfProducts(): OpCheck[] {
  return [
    ...[
      { rows: 70, features: 37, out: 67 },
      { rows: 3, features: 300, out: 5 },
      { rows: 1, features: 5, out: 130 },
      { rows: 4, features: 2000, out: 9 },
    ].flatMap((sizes) => [frozen(sizes, 'plain'), frozen(sizes, 'transposed'), frozen(sizes, 'with a bias')]),
    ...(['int8', 'nf4', 'q4'] as const).flatMap((format) => [
      frozenPacked({ rows: 70, features: 150, out: 67 }, format, 64),
      frozenPacked({ rows: 5, features: 40, out: 20 }, format, 24),
    ]),
    lora({ rows: 70, features: 37, out: 67, rank: 8 }, {}),
    lora({ rows: 600, features: 21, out: 18, rank: 3 }, {}),
    lora({ rows: 70, features: 37, out: 67, rank: 20 }, { dropout: true }),
    lora({ rows: 33, features: 70, out: 67, rank: 4 }, { format: 'nf4' }),
  ];
}

/** One float32 rounding, of values up to a few, for each product of the longest sum. */
function sumError(...inner: number[]): number {
  return 1e-6 + 1e-7 * Math.max(...inner);
}

interface Sizes {
  rows: number;
  features: number;
  out: number;
}

function frozen({ rows, features, out }: Sizes, way: 'plain' | 'transposed' | 'with a bias'): OpCheck {
  const weight = random([features, out], 70);
  const bias = random([out], 71);
  const w = Float64Array.from(weight);
  return {
    name: `frozenLinear ${way} [${rows}, ${features}] x [${features}, ${out}]`,
    shapes: [[rows, features]],
    op: (x) => {
      if (way === 'transposed') {
        const across = tensor(Float32Array.from(transposed64(w, [features, out])), [out, features]) as Tensor2D;
        return frozenLinear(x, across, undefined, { transposed: true });
      }
      const b = way === 'plain' ? undefined : (tensor(bias, [out]) as Tensor1D);
      return frozenLinear(x, tensor(weight, [features, out]) as Tensor2D, b);
    },
    reference: (x) =>
      matMul64(x, w, [rows, features, out]).map((v, i) => v + (way === 'with a bias' ? (bias[i % out] as number) : 0)),
    gradients: (dy) => [matMul64(dy, transposed64(w, [features, out]), [rows, out, features])],
    atol: sumError(features, out),
  };
}

function packedWeight({ features, out }: Sizes, format: BlockFormat, block?: number): BlockWeight {
  return BlockWeight.fromRows(random([out, features], 72), [out, features], format, block);
}

/** What a packed weight stands for, `[in, out]`, from the words themselves. */
function valuesOf(sizes: Sizes, format: BlockFormat, block?: number): Float64Array {
  const weight = packedWeight(sizes, format, block);
  const { features, out } = sizes;
  const [words, scales] = [weight.packed.dataSync() as Int32Array, weight.scales.dataSync()];
  const [perWord, bits] = format === 'int8' ? [4, 8] : [8, 4];
  const values = new Float64Array(features * out);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < features; i++) {
      const word = words[o * (weight.packed.shape[1] as number) + Math.floor(i / perWord)] as number;
      const code = (word >>> ((i % perWord) * bits)) & (2 ** bits - 1);
      const scale = scales[o * (weight.scales.shape[1] as number) + Math.floor(i / weight.block)] as number;
      values[i * out + o] = meaning(code, format) * scale;
    }
  }
  weight.dispose();
  return values;
}

const nf4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];

function meaning(code: number, format: BlockFormat): number {
  if (format === 'nf4') return nf4[code] as number;
  return format === 'q4' ? code - 8 : code < 128 ? code : code - 256;
}

function frozenPacked(sizes: Sizes, format: BlockFormat, block: number): OpCheck {
  const { rows, features, out } = sizes;
  let w: Float64Array | undefined;
  const values = () => (w ??= valuesOf(sizes, format, block));
  return {
    name: `frozenLinear ${format} in blocks of ${block}`,
    shapes: [[rows, features]],
    op: (x) => frozenLinear(x, packedWeight(sizes, format, block)),
    reference: (x) => matMul64(x, values(), [rows, features, out]),
    gradients: (dy) => [matMul64(dy, transposed64(values(), [features, out]), [rows, out, features])],
    atol: sumError(features, out),
  };
}

interface LoraWays {
  dropout?: boolean;
  format?: BlockFormat;
}

function lora(sizes: Sizes & { rank: number }, { dropout = false, format }: LoraWays): OpCheck {
  const { rows, features, out, rank } = sizes;
  const scaling = 0.7;
  const dense = random([features, out], 70);
  const bias = random([out], 71);
  let w: Float64Array | undefined;
  const values = () => (w ??= format ? valuesOf(sizes, format) : Float64Array.from(dense));
  const weight = (): FrozenWeight =>
    format ? packedWeight(sizes, format) : (tensor(dense, [features, out]) as Tensor2D);
  const given = (all: Float64Array[]) => {
    const [x, dropped] = dropout ? [all[0], all[1]] : [all[0], all[0]];
    const [a, b] = all.slice(-2);
    return { x, dropped, a, b } as Record<'x' | 'dropped' | 'a' | 'b', Float64Array>;
  };
  const hiddenOf = (dropped: Float64Array, a: Float64Array) =>
    matMul64(dropped, a, [rows, features, rank]).map((v) => v * scaling);
  return {
    name: `loraLinear ${format ?? 'dense'} rank ${rank}${dropout ? ' with dropout' : ''}, ${rows} rows`,
    shapes: [[rows, features], ...(dropout ? [[rows, features]] : []), [features, rank], [rank, out]],
    op: (...inputs) => {
      const [a, b] = inputs.slice(-2) as [Tensor2D, Tensor2D];
      const own = { weight: weight(), bias: tensor(bias, [out]) as Tensor1D, a, b, scaling };
      return loraLinear(inputs[0] as Tensor, own, dropout ? inputs[1] : inputs[0]);
    },
    reference: (...all) => {
      const { x, dropped, a, b } = given(all);
      const added = matMul64(hiddenOf(dropped, a), b, [rows, rank, out]);
      return matMul64(x, values(), [rows, features, out]).map(
        (v, i) => v + (added[i] as number) + (bias[i % out] as number),
      );
    },
    gradients: (dy, ...all) => {
      const { dropped, a, b } = given(all);
      const dHidden = matMul64(dy, transposed64(b, [rank, out]), [rows, out, rank]).map((v) => v * scaling);
      const dx = matMul64(dy, transposed64(values(), [features, out]), [rows, out, features]);
      const dDropped = matMul64(dHidden, transposed64(a, [features, rank]), [rows, rank, features]);
      return [
        ...(dropout ? [dx, dDropped] : [dx.map((v, i) => v + (dDropped[i] as number))]),
        matMul64(transposed64(dropped, [rows, features]), dHidden, [features, rows, rank]),
        matMul64(transposed64(hiddenOf(dropped, a), [rows, rank]), dy, [rank, rows, out]),
      ];
    },
    // A product of a product: what is summed is a few times as large.
    atol: 4 * sumError(rows, features, out),
  };
}
