import { BlockWeight, dequantise, loraLinear, type BlockFormat } from '@lowrank/core';
import { describe, it, matMul64 } from '@lowrank/testing';
import { tensor1d, tensor2d, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { checkKernel, random, type KernelCheck } from '../../test/check-kernel.js';
import { transposed64 } from '../../test/transposed64.js';

type Sizes = [rows: number, features: number, out: number, rank: number];

const cases: [title: string, sizes: Sizes, ways: { dropout?: boolean; format?: BlockFormat }][] = [
  ['one of each', [1, 1, 1, 1], {}],
  ['a row', [1, 37, 67, 8], {}],
  ['rank 8', [70, 37, 67, 8], {}],
  ['rank 3 over many rows', [301, 21, 18, 3], {}],
  ['rank 20, with dropout', [70, 37, 67, 20], { dropout: true }],
  ['rank 4, on nf4', [33, 70, 67, 4], { format: 'nf4' }],
  ['rank 16, on int8, with dropout', [9, 384, 40, 16], { format: 'int8', dropout: true }],
  // More than 4 MB of panels: the product and the adapter's share of it come in two parts.
  ['rank 2, wide', [7, 700, 1603, 2], {}],
];
const scaling = 0.7;

describe('loraLinear on wasm equals its formula in float64, with its gradients', () => {
  for (const [title, sizes, { dropout = false, format }] of cases) {
    it(title, async () => {
      const [, features, out] = sizes;
      const bias = tensor1d(random([out], 71));
      const dense = random([features, out], 70);
      const rows = Float32Array.from(transposed64(dense, [features, out]));
      const weight = format ? BlockWeight.fromRows(rows, [out, features], format) : tensor2d(dense, [features, out]);
      const op = (...inputs: Tensor[]) => {
        const [a, b] = inputs.slice(-2) as [Tensor2D, Tensor2D];
        return loraLinear(inputs[0] as Tensor, { weight, bias, a, b, scaling }, dropout ? inputs[1] : inputs[0]);
      };
      const w = weight instanceof BlockWeight ? valuesOf(weight) : Float64Array.from(dense);
      await checkKernel(check(sizes, w, dropout, op));
      for (const each of [weight, bias]) each.dispose();
    });
  }
});

function check([rows, features, out, rank]: Sizes, w: Float64Array, dropout: boolean, op: KernelCheck['op']) {
  const bias = random([out], 71);
  const given = (all: Float64Array[]) => {
    const [x, dropped] = dropout ? [all[0], all[1]] : [all[0], all[0]];
    const [a, b] = all.slice(-2);
    const hidden = matMul64(dropped!, a!, [rows, features, rank]).map((value) => value * scaling);
    return { x: x!, dropped: dropped!, a: a!, b: b!, hidden };
  };
  return {
    shapes: [[rows, features], ...(dropout ? [[rows, features]] : []), [features, rank], [rank, out]],
    op,
    reference: (...all: Float64Array[]) => {
      const { x, b, hidden } = given(all);
      const added = matMul64(hidden, b, [rows, rank, out]);
      return matMul64(x, w, [rows, features, out]).map((v, i) => v + added[i]! + bias[i % out]!);
    },
    gradients: (dy: Float64Array, ...all: Float64Array[]) => {
      const { dropped, a, b, hidden } = given(all);
      const dHidden = matMul64(dy, transposed64(b, [rank, out]), [rows, out, rank]).map((value) => value * scaling);
      const dx = matMul64(dy, transposed64(w, [features, out]), [rows, out, features]);
      const dDropped = matMul64(dHidden, transposed64(a, [features, rank]), [rows, rank, features]);
      return [
        ...(dropout ? [dx, dDropped] : [dx.map((v, i) => v + dDropped[i]!)]),
        matMul64(transposed64(dropped, [rows, features]), dHidden, [features, rows, rank]),
        matMul64(transposed64(hidden, [rows, rank]), dy, [rank, rows, out]),
      ];
    },
    atol: 4e-6 + 4e-7 * Math.max(rows, features, out),
    because: 'a product of a product: what is summed is a few times as large',
  };
}

/** What a quantised weight stands for, `[in, out]`. */
function valuesOf(weight: BlockWeight): Float64Array {
  const dense = dequantise(weight);
  const values = transposed64(dense.dataSync(), dense.shape);
  dense.dispose();
  return values;
}
