import { gelu } from '@lowrank/core';
import { checkOp, describe, erf64, it, mapped } from '@lowrank/testing';

const because = 'the error function of tfjs is within 1.5e-7, its slope an exponential in float32';

const exact = (x: number) => (x / 2) * (1 + erf64(x / Math.SQRT2));
const byTanh = (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

describe('gelu', () => {
  it.onEachBackend('is x Φ(x), with its gradient', ({ tensors }) => {
    checkOp({
      inputs: [tensors.randn([3, 7])],
      op: (x) => gelu(x),
      reference: (x) => mapped(x, exact),
      atol: 3e-6,
      because,
    });
  });

  it.onEachBackend("is GPT-2's where the hyperbolic tangent is asked for, with its gradient", ({ tensors }) => {
    checkOp({
      inputs: [tensors.of([-3.5, -2, -1, -0.1, 0, 0.3, 1, 2, 4], [9])],
      op: (x) => gelu(x, { approximate: 'tanh' }),
      reference: (x) => mapped(x, byTanh),
      atol: 3e-6,
      because: 'one hyperbolic tangent in float32',
    });
  });

  for (const approximate of ['none', 'tanh'] as const) {
    it.onEachBackend(`is x or 0 far from zero, and has the slope of it (${approximate})`, ({ tensors }) => {
      checkOp({
        inputs: [tensors.of([-1e4, -104, -20, 20, 104, 1e4], [6])],
        op: (x) => gelu(x, { approximate }),
        reference: (x) => mapped(x, (value) => Math.max(0, value)),
        atol: 1e-6,
        because: 'Φ is 0 or 1 to the last digit there',
      });
    });
  }
});
