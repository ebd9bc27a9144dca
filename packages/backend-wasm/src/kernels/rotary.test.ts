import { rotary } from '@lowrank/core';
import { describe, it } from '@lowrank/testing';
import { tensor2d } from '@tensorflow/tfjs-core';
import { checkKernel } from '../../test/check-kernel.js';

/** batch, heads, seq, half of headDim */
const sizes = [
  [1, 1, 1, 1],
  [2, 3, 5, 4],
  [1, 2, 9, 7],
  [1, 1, 3, 32],
] as const;

describe('rotary on wasm', () => {
  for (const [batch, heads, seq, half] of sizes) {
    it(`equals its formula in float64, with the rotation back as gradient: [${batch}, ${heads}, ${seq}, ${2 * half}]`, () => {
      const angle = Float32Array.from(
        { length: seq * half },
        (_, index) => Math.floor(index / half) * 0.3 ** (index % half),
      );
      const [cos, sin] = [angle.map(Math.cos), angle.map(Math.sin)];
      return checkKernel({
        shapes: [[batch, heads, seq, 2 * half]],
        op: (x) => rotary(x, tensor2d(cos, [seq, half]), tensor2d(sin, [seq, half])),
        reference: (x) =>
          x.map((value, index) => {
            const feature = index % (2 * half);
            const at = (Math.floor(index / (2 * half)) % seq) * half + (feature % half);
            const partner = feature < half ? -(x[index + half] as number) : (x[index - half] as number);
            return value * (cos[at] as number) + partner * (sin[at] as number);
          }),
        atol: 1e-6,
        because: 'two products in float32',
      });
    });
  }
});
