import { FrozenLinear, hostOf } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { ones, zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

describe('hostOf', () => {
  it('lists, gives and replaces layers by path, and names the nearest for a wrong one', () => {
    const query = new FrozenLinear(ones([3, 4]) as Tensor2D, zeros([4]) as Tensor1D);
    const other = new FrozenLinear(zeros([3, 4]) as Tensor2D);
    const host = hostOf({ 'layer.0.query': query });
    expect(host.modules()).toEqual([
      { path: 'layer.0.query', kind: 'linear', in: 3, out: 4, bias: true, parameters: 16, bytes: 64 },
    ]);
    host.replace('layer.0.query', other);
    expect(host.get('layer.0.query')).toBe(other);
    expect(() => host.get('layer.0.qeury')).toThrow('nearest here: layer.0.query');
    query.dispose();
    other.dispose();
  });
});
