import { describe, expect, it } from '@lowrank/testing';
import { grad, mul, tensor1d, type Tensor } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';

describe('an op whose forward pass fails after it saved', () => {
  it.onEachBackend('leaves nothing behind, and the next one works', () => {
    let broken = true;
    const doubled = (x: Tensor) =>
      customOp([x], ([x], save) => {
        const value = mul(x, 2);
        save([value]);
        if (broken) throw new Error('after saving');
        return { value, gradient: (dy, [kept]) => [mul(dy, kept as Tensor)] };
      });
    const x = tensor1d([1, 2, 3]);
    expect(() => grad(doubled)(x)).toThrow('after saving');
    broken = false;
    const slope = grad(doubled)(x);
    expect(Array.from(slope.dataSync())).toEqual([2, 4, 6]);
    slope.dispose();
    x.dispose();
  });
});
