import { gelu, rotary, swiglu } from '@lowrank/core';
import { describe, erf64, expectClose, it, tensorsFor } from '@lowrank/testing';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { checkOwn } from '../../test/check-own.js';
import { tensorflowIsHere } from '../../test/tensorflow-is-here.js';

const because = 'a few float32 roundings of values of this size';

describe('activations as programs equal their formulas in float64, with their gradients', async () => {
  const test = it.runIf(await tensorflowIsHere());
  for (const [approximate, formula] of [
    ['none', (x: number) => (x / 2) * (1 + erf64(x / Math.SQRT2))],
    ['tanh', (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))],
  ] as const) {
    for (const shape of [[7, 13], [1], [2, 1, 5], [0, 4]]) {
      test(`gelu ${approximate} of [${shape.join()}]`, async () => {
        const tensors = tensorsFor(5);
        const x = tensors.of(
          tensors
            .randn(shape)
            .dataSync()
            .map((value) => 3 * value),
          shape,
        );
        await checkOwn({
          inputs: [x],
          op: (x) => gelu(x, { approximate }),
          reference: (x) => x.map(formula),
          atol: 1e-5,
          because,
        });
        tensors.dispose();
      });
    }

    test(`gelu ${approximate} of huge values`, async () => {
      const tensors = tensorsFor(6);
      const value = gelu(tensors.of([-1e4, -40, -0, 40, 1e4], [5]), { approximate });
      expectClose(value, [0, 0, 0, 40, 1e4], { atol: 0, because: 'all or nothing of x is left' });
      value.dispose();
      tensors.dispose();
    });
  }

  for (const shape of [
    [3, 19],
    [1, 1, 1],
    [0, 2],
  ]) {
    test(`swiglu of [${shape.join()}]`, async () => {
      const tensors = tensorsFor(7);
      await checkOwn({
        inputs: [tensors.randn(shape), tensors.randn(shape)],
        op: (gate, up) => swiglu(gate!, up!),
        reference: (gate, up) => gate!.map((g, index) => (g / (1 + Math.exp(-g))) * (up![index] as number)),
        atol: 1e-5,
        because,
      });
      tensors.dispose();
    });
  }

  test('rotary', async () => {
    const tensors = tensorsFor(8);
    const [seq, half] = [5, 3];
    const angles = Float64Array.from({ length: seq * half }, (_, index) => 0.7 * index);
    const [cos, sin] = [Math.cos, Math.sin].map((of) => tensors.of(angles.map(of), [seq, half]) as Tensor2D);
    await checkOwn({
      inputs: [tensors.randn([2, 3, seq, 2 * half])],
      op: (x) => rotary(x, cos as Tensor2D, sin as Tensor2D),
      reference: (x) =>
        x.map((value, index) => {
          const feature = index % (2 * half);
          const angle = angles[(Math.floor(index / (2 * half)) % seq) * half + (feature % half)] as number;
          const partner = feature < half ? -(x[index + half] as number) : (x[index - half] as number);
          return value * Math.cos(angle) + partner * Math.sin(angle);
        }),
      atol: 1e-5,
      because,
    });
    tensors.dispose();
  });
});
