import { layerNorm, rmsNorm } from '@lowrank/core';
import { describe, it } from '@lowrank/testing';
import { tensor1d } from '@tensorflow/tfjs-core';
import { checkKernel, random } from '../../test/check-kernel.js';

const because = 'sums of up to 1000 values in float32';

/** rows, hidden */
const sizes = [
  [1, 1],
  [1, 7],
  [5, 7],
  [3, 384],
  [23, 12],
  [2, 1000],
] as const;

describe('norms on wasm equal their formulas in float64, with gradients by differences', () => {
  for (const [rows, hidden] of sizes) {
    const [weights, biases] = [random([hidden], 50), random([hidden], 51)];

    it(`rmsNorm [${rows}, ${hidden}]`, async () => {
      const weight = tensor1d(weights);
      await checkKernel({
        shapes: [[rows, hidden]],
        op: (x) => rmsNorm(x, weight, 1e-5),
        reference: (x) => perRow(x, hidden, (row) => scaled(row, 0, weights)),
        atol: 4e-6,
        because,
      });
      weight.dispose();
    });

    it(`layerNorm [${rows}, ${hidden}]`, async () => {
      const [weight, bias] = [tensor1d(weights), tensor1d(biases)] as const;
      await checkKernel({
        shapes: [[rows, hidden]],
        op: (x) => layerNorm(x, weight, bias, 1e-5),
        reference: (x) =>
          perRow(x, hidden, (row) =>
            scaled(row, meanOf(row), weights).map((value, index) => value + (biases[index] as number)),
          ),
        atol: 4e-6,
        because,
      });
      for (const each of [weight, bias]) each.dispose();
    });
  }
});

function perRow(x: Float64Array, width: number, of: (row: Float64Array) => Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += width) out.set(of(x.subarray(at, at + width)), at);
  return out;
}

function meanOf(row: Float64Array): number {
  return row.reduce((sum, value) => sum + value, 0) / row.length;
}

function scaled(row: Float64Array, mean: number, weight: Float32Array): Float64Array {
  const squares = meanOf(row.map((value) => (value - mean) ** 2)) + 1e-5;
  return row.map((value, index) => ((value - mean) / Math.sqrt(squares)) * (weight[index] as number));
}
