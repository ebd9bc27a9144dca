import { crossEntropy, gelu, layerNorm, rmsNorm, swiglu, useBackend } from '@lowrank/core';
import { node } from '@lowrank/backend-node';
import { describe, expect, expectClose, it, tensorsFor } from '@lowrank/testing';
import { dispose, engine, grad, relu, tidy, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { tensorflowIsHere } from '../../test/tensorflow-is-here.js';

const shape = [6, 9];

type Op = (x: Tensor, ones: Tensor1D) => Tensor;

const ops: Record<string, Op> = {
  gelu: (x) => gelu(x),
  'gelu tanh': (x) => gelu(x, { approximate: 'tanh' }),
  swiglu: (x) => swiglu(x, x),
  layerNorm: (x, row) => layerNorm(x, row, row, 1e-5),
  rmsNorm: (x, row) => rmsNorm(x, row, 1e-5),
  crossEntropy: (x) => crossEntropy(x as Tensor2D, Int32Array.of(0, 3, 8, -100, 1, 2)),
};

describe('where no gradient is asked for', async () => {
  const test = it.runIf(await tensorflowIsHere());
  for (const [name, op] of Object.entries(ops)) {
    test(`${name} gives the same value and nothing else`, async () => {
      await useBackend(node());
      const tensors = tensorsFor(21);
      const [x, row] = [tensors.randn(shape), tensors.randn([9]) as Tensor1D];
      let learned: Tensor | undefined;
      tidy(() => {
        grad((x) => {
          const value = op(x, row);
          learned = tensors.of(value.dataSync(), value.shape);
          return value;
        })(x);
      });
      const value = op(x, row);
      const next = relu(x);
      expectClose(value, (learned as Tensor).dataSync(), {
        atol: name === 'swiglu' ? 1e-6 : 0,
        because: "with no slopes of it, oneDNN's silu takes the place of gate times sigmoid",
      });
      expect(numberOf(next) - numberOf(value)).toBe(1);
      dispose([value, next]);
      tensors.dispose();
    });
  }
});

/** TensorFlow's number for a tensor: it counts all that it gives out. */
function numberOf({ dataId }: Tensor): number {
  const backend = engine().registry['tensorflow'] as unknown as { tensorMap: Map<object, { id: number }> };
  return backend.tensorMap.get(dataId)?.id as number;
}
