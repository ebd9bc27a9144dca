import { frozenConv, type ConvGeometry } from '@lowrank/core';
import { checkOp, conv64, describe, expect, it, mapped, type Conv64 } from '@lowrank/testing';
import { dispose, grad, profile, sum, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

const close = { atol: 1e-5, because: 'sums of at most 36 products in float32' };
const plain: ConvGeometry = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 };

const cases: [string, Conv64][] = [
  ['padding of the same sides', { x: [2, 5, 4, 3], kernel: [3, 3, 3, 4], padding: 'same' }],
  ['no padding and strides', { x: [1, 6, 7, 2], kernel: [3, 2, 2, 3], strides: [2, 3] }],
  ['strides that leave a side over', { x: [1, 6, 6, 2], kernel: [3, 3, 2, 2], strides: [2, 2], padding: 'same' }],
  ['an even kernel', { x: [1, 4, 5, 2], kernel: [2, 4, 2, 3], padding: 'same' }],
  ['dilations and the same sides', { x: [1, 6, 5, 2], kernel: [3, 2, 2, 3], dilations: [2, 2], padding: 'same' }],
  ['dilations without padding', { x: [1, 7, 6, 2], kernel: [2, 3, 2, 3], dilations: [3, 2] }],
  ['groups', { x: [2, 4, 4, 6], kernel: [3, 3, 2, 9], groups: 3, padding: 'same' }],
  ['groups with dilations', { x: [1, 6, 6, 4], kernel: [3, 3, 2, 4], groups: 2, dilations: [2, 1], padding: 'same' }],
  ['one place', { x: [2, 3, 2, 5], kernel: [1, 1, 5, 4] }],
  ['one place with strides', { x: [1, 5, 4, 3], kernel: [1, 1, 3, 2], strides: [2, 2], padding: 'same' }],
];

function geometryOf({ strides = [1, 1], dilations = [1, 1], padding = 'valid', groups = 1 }: Conv64): ConvGeometry {
  return { strides, dilations, padding, groups };
}

describe('frozenConv', () => {
  for (const [name, sizes] of cases) {
    it.onEachBackend(`gives x * W + bias and the gradient of x, with ${name}`, ({ tensors }) => {
      const [weight, bias] = [tensors.randn(sizes.kernel), tensors.randn([sizes.kernel[3]]) as Tensor1D];
      const shift = bias.dataSync();
      checkOp({
        inputs: [tensors.randn(sizes.x)],
        op: (x) => frozenConv(x, weight, bias, geometryOf(sizes)),
        reference: (x) => mapped(conv64(x, weight.dataSync(), sizes), (value, at) => value + shift[at % shift.length]!),
        ...close,
      });
    });
  }

  it.onEachBackend('goes over one axis of space as well', ({ tensors }) => {
    const weight = tensors.randn([3, 2, 4]);
    const sizes = { x: [2, 1, 8, 2], kernel: [1, 3, 2, 4], strides: [1, 2] } satisfies Conv64;
    checkOp({
      inputs: [tensors.randn([2, 8, 2])],
      op: (x) => frozenConv(x, weight, undefined, { strides: [2], dilations: [1], padding: 'valid', groups: 1 }),
      reference: (x) => conv64(x, weight.dataSync(), sizes),
      ...close,
    });
  });

  it.onEachBackend('never computes the gradient of W', async ({ tensors }) => {
    const [x, weight] = [tensors.randn([1, 4, 4, 2]), tensors.randn([3, 3, 2, 3])];
    const run = await profile(() => grad((x: Tensor) => sum(frozenConv(x, weight, undefined, plain)))(x));
    const names = run.kernels.map(({ name }) => name).filter((name) => name.startsWith('Conv2D'));
    expect(names).toEqual(['Conv2D', 'Conv2DBackpropInput']);
    dispose(run.result as Tensor);
  });

  it.onEachBackend('refuses a kernel for other inputs, an input without space, and whole numbers', ({ tensors }) => {
    const weight = tensors.randn([3, 3, 2, 3]);
    const refused = (x: Tensor, code: string) =>
      expect(() => frozenConv(x, weight, undefined, plain)).toThrow(expect.objectContaining({ code }));
    refused(tensors.randn([1, 4, 4, 3]), 'shape-mismatch');
    refused(tensors.randn([4, 2]), 'shape-mismatch');
    refused(tensors.of([1, 2], [1, 1, 1, 2], 'int32'), 'dtype-unsupported');
  });
});
