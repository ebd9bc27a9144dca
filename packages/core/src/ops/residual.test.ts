import { residual } from '@lowrank/core';
import { checkOp, describe, it, mapped } from '@lowrank/testing';

describe('residual', () => {
  it.onEachBackend('adds, and passes the gradient to both', ({ tensors }) => {
    checkOp({
      inputs: [tensors.randn([2, 3]), tensors.randn([2, 3])],
      op: residual,
      reference: (x, y) => mapped(x, (value, index) => value + (y[index] as number)),
      atol: 1e-6,
      because: 'one rounding',
    });
  });
});
