import { gelu, swiglu } from '@lowrank/core';
import { describe, it } from '@lowrank/testing';
import { checkKernel } from '../../test/check-kernel.js';

const because = 'values to 10 in float32, exponentials to 2 in 10^7';

describe('gates on wasm equal their formulas in float64, with gradients by differences', () => {
  for (const shape of [[1], [7], [5, 101], [2, 1000]]) {
    const title = `[${shape.join(', ')}]`;

    it(`gelu by tanh ${title}`, () =>
      checkKernel({
        shapes: [shape],
        spread: 3,
        op: (x) => gelu(x, { approximate: 'tanh' }),
        reference: (x) => x.map((v) => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
        atol: 2e-6,
        because,
      }));

    it(`swiglu ${title}`, () =>
      checkKernel({
        shapes: [shape, shape],
        spread: 3,
        op: (gate, up) => swiglu(gate, up),
        reference: (gate, up) => gate.map((g, index) => (g / (1 + Math.exp(-g))) * (up[index] as number)),
        atol: 2e-6,
        because,
      }));
  }

  it('swiglu where exponentials end', () =>
    checkKernel({
      shapes: [[9], [9]],
      spread: 300,
      op: (gate, up) => swiglu(gate, up),
      reference: (gate, up) => gate.map((g, index) => (g / (1 + Math.exp(-g))) * (up[index] as number)),
      gradients: (dy, gate, up) => [
        gate.map((g, index) => {
          const s = 1 / (1 + Math.exp(-g));
          return (dy[index] as number) * (up[index] as number) * s * (1 + g * (1 - s));
        }),
        gate.map((g, index) => ((dy[index] as number) * g) / (1 + Math.exp(-g))),
      ],
      atol: 2e-6,
      because,
    }));
});
