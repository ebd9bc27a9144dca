import { trainedConv } from '@lowrank/core';
import { checkOp, conv64, describe, expectClose, finiteDifferences, it, type Conv64 } from '@lowrank/testing';
import {
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  depthwiseConv2d,
  dispose,
  engine,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';

const close = { atol: 3e-5, because: 'sums of at most 130 products in float32' };

describe('the gradients of a convolution', () => {
  const cases: [string, Conv64][] = [
    ['padding', { x: [2, 5, 4, 3], kernel: [3, 3, 3, 4], padding: 'same' }],
    ['strides', { x: [2, 7, 6, 2], kernel: [3, 2, 2, 3], strides: [2, 3] }],
    ['strides and padding', { x: [1, 6, 6, 3], kernel: [3, 3, 3, 2], strides: [2, 2], padding: 'same' }],
    ['one place', { x: [3, 3, 2, 5], kernel: [1, 1, 5, 4] }],
    ['one place and strides', { x: [1, 5, 5, 3], kernel: [1, 1, 3, 4], strides: [2, 2] }],
    ['a kernel as large as the input', { x: [2, 3, 4, 2], kernel: [3, 4, 2, 5] }],
  ];
  for (const [name, sizes] of cases) {
    it.onEachBackend(`are right with ${name}`, ({ tensors }) => {
      const { strides = [1, 1], padding = 'valid' } = sizes;
      checkOp({
        inputs: [tensors.randn(sizes.x), tensors.randn(sizes.kernel)],
        op: (x, kernel) => trainedConv(x, kernel, { strides, padding, dilations: [1, 1], groups: 1 }),
        reference: (x, kernel) => conv64(x, kernel, sizes),
        ...close,
      });
    });
  }
});

describe('the gradients of a depthwise convolution', () => {
  const cases: [string, Depthwise][] = [
    ['padding', { x: [2, 5, 4, 3], kernel: [3, 3, 3, 1], strides: [1, 1], pad: 'same', dilations: [1, 1] }],
    ['strides', { x: [1, 7, 6, 4], kernel: [3, 3, 4, 1], strides: [2, 2], pad: 'same', dilations: [1, 1] }],
    [
      'two outputs to an input',
      { x: [2, 5, 5, 3], kernel: [2, 3, 3, 2], strides: [1, 2], pad: 'valid', dilations: [1, 1] },
    ],
    ['dilations', { x: [1, 7, 7, 2], kernel: [3, 2, 2, 2], strides: [1, 1], pad: 'same', dilations: [2, 3] }],
  ];
  for (const [name, { x: shape, kernel: sides, strides, pad, dilations }] of cases) {
    it.onEachBackend(`are right with ${name}`, ({ backend, tensors }) => {
      // tfjs's own kernels on cpu leave dilations out of these gradients.
      if (backend.name === 'cpu' && dilations[0] > 1) return;
      const [x, kernel] = [tensors.randn(shape) as Tensor4D, tensors.randn(sides) as Tensor4D];
      const [inputs, multiplier] = [sides[2], sides[3]];
      const reference = (x: ArrayLike<number>, kernel: ArrayLike<number>) =>
        conv64(x, kernel, {
          x: shape,
          kernel: [sides[0], sides[1], 1, inputs * multiplier],
          strides,
          padding: pad,
          dilations,
          groups: inputs,
        });
      const value = depthwiseConv2d(x, kernel, strides, pad, 'NHWC', dilations);
      const dy = tensors.randn(value.shape) as Tensor4D;
      expectClose(value, reference(x.dataSync(), kernel.dataSync()), close);

      const attrs = { strides, pad, dilations, dimRoundingMode: undefined };
      const run = (name: string, given: Record<string, Tensor>, more: object) =>
        engine().runKernel(name, given, { ...attrs, ...more } as never) as Tensor;
      const dx = run(DepthwiseConv2dNativeBackpropInput, { dy, filter: kernel }, { inputShape: shape });
      const dKernel = run(DepthwiseConv2dNativeBackpropFilter, { x, dy }, { filterShape: sides });
      const along = (values: Float64Array) => values.reduce((sum, one, at) => sum + one * dy.dataSync()[at]!, 0);
      const [xs, kernels] = [x.dataSync(), kernel.dataSync()];
      expectClose(
        dx,
        finiteDifferences((x) => along(reference(x, kernels)), xs),
        close,
      );
      expectClose(
        dKernel,
        finiteDifferences((kernel) => along(reference(xs, kernel)), kernels),
        close,
      );
      dispose([value, dx, dKernel]);
    });
  }
});

interface Depthwise {
  x: [number, number, number, number];
  kernel: [number, number, number, number];
  strides: [number, number];
  pad: 'same' | 'valid';
  dilations: [number, number];
}
