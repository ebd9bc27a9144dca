import { frozenLinear } from '@lowrank/core';
import { describe, it, matMul64 } from '@lowrank/testing';
import { tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { checkKernel, random } from '../../test/check-kernel.js';
import { transposed64 } from '../../test/transposed64.js';

/** rows, in, out */
const sizes = [
  [1, 1, 1],
  [1, 5, 130],
  [7, 384, 9],
  [13, 37, 67],
  [101, 70, 16],
  [3, 1000, 7],
] as const;

describe('frozenLinear on wasm equals its formula in float64, with its gradient', () => {
  for (const [rows, features, out] of sizes) {
    for (const way of ['plain', 'with a bias', 'transposed'] as const) {
      it(`[${rows}, ${features}] x [${features}, ${out}], ${way}`, async () => {
        const [w, b] = [random([features, out], 70), random([out], 71)];
        const transposed = way === 'transposed';
        const weight = transposed
          ? tensor2d(Float32Array.from(transposed64(w, [features, out])), [out, features])
          : tensor2d(w, [features, out]);
        const bias = tensor1d(b);
        await checkKernel({
          shapes: [[rows, features]],
          op: (x) => frozenLinear(x, weight, way === 'with a bias' ? bias : undefined, { transposed }),
          reference: (x) =>
            matMul64(x, w, [rows, features, out]).map((v, i) =>
              way === 'with a bias' ? v + (b[i % out] as number) : v,
            ),
          gradients: (dy) => [matMul64(dy, transposed64(w, [features, out]), [rows, out, features])],
          atol: 1e-6 + 1e-7 * Math.max(features, out),
          because: 'one rounding, of values of up to a few, for each product of the sum',
        });
        for (const each of [weight, bias]) each.dispose();
      });
    }
  }
});
