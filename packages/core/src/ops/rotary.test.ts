import { rotary } from '@lowrank/core';
import { checkOp, describe, expect, it } from '@lowrank/testing';
import { grad, tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';

describe('rotary', () => {
  it.onEachBackend(
    'turns feature i with feature i + headDim / 2 by its angle, with the gradient of x',
    ({ tensors }) => {
      const [heads, seq, half] = [2, 3, 2];
      const angles = [0.1, 0.7, 1.3, -0.4, 2.2, 0.9];
      const cos = tensors.of(angles.map(Math.cos), [seq, half]) as Tensor2D;
      const sin = tensors.of(angles.map(Math.sin), [seq, half]) as Tensor2D;
      checkOp({
        inputs: [tensors.randn([1, heads, seq, 2 * half])],
        op: (x) => rotary(x, cos, sin),
        reference: (x) => {
          const y = new Float64Array(x.length);
          for (let row = 0; row < heads * seq; row++) {
            for (let i = 0; i < half; i++) {
              const angle = angles[(row % seq) * half + i] as number;
              const [one, two] = [row * 2 * half + i, row * 2 * half + i + half];
              y[one] = (x[one] as number) * Math.cos(angle) - (x[two] as number) * Math.sin(angle);
              y[two] = (x[two] as number) * Math.cos(angle) + (x[one] as number) * Math.sin(angle);
            }
          }
          return y;
        },
        atol: 1e-6,
        because: 'two products in float32',
      });
    },
  );

  it.onEachBackend('has its gradient though the angles are freed with the forward pass', ({ tensors }) => {
    const x = tensors.randn([1, 1, 2, 4]);
    const gradient = grad((input) =>
      tidy(() =>
        rotary(
          input,
          tensor2d([
            [0, 1],
            [1, 0],
          ]),
          tensor2d([
            [1, 0],
            [0, 1],
          ]),
        ),
      ),
    )(x, x);
    expect(gradient.shape).toEqual(x.shape);
    gradient.dispose();
  });
});
