import { swiglu } from '@lowrank/core';
import { checkOp, describe, it, mapped } from '@lowrank/testing';

describe('swiglu', () => {
  it.onEachBackend('gives silu(gate) · up and both gradients', ({ tensors }) => {
    checkOp({
      inputs: [tensors.randn([3, 5]), tensors.randn([3, 5])],
      op: swiglu,
      reference: (gate, up) => mapped(gate, (g, i) => (g / (1 + Math.exp(-g))) * (up[i] as number)),
      atol: 2e-6,
      because: 'one exponential in float32',
    });
  });

  it.onEachBackend('stays finite and exact at gates of ±80', ({ tensors }) => {
    checkOp({
      inputs: [tensors.of([80, -80, 20, -20], [4]), tensors.of([1, 1, 2, 2], [4])],
      op: swiglu,
      reference: (gate, up) => mapped(gate, (g, i) => (g / (1 + Math.exp(-g))) * (up[i] as number)),
      atol: 2e-6,
      because: 'saturated sigmoids lose nothing',
    });
  });
});
