import { crossEntropy, useBackend } from '@lowrank/core';
import { node } from '@lowrank/backend-node';
import { describe, expectClose, it, tensorsFor } from '@lowrank/testing';
import { grad, mul, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { checkOwn } from '../../test/check-own.js';
import { tensorflowIsHere } from '../../test/tensorflow-is-here.js';

describe('crossEntropy as a program', async () => {
  const test = it.runIf(await tensorflowIsHere());
  for (const targets of [[2, -100, 0, 10], [5], [-100, -100], []]) {
    test(`equals its formula in float64, with its gradient: targets [${targets.join()}]`, async () => {
      const tensors = tensorsFor(13);
      const ids = Int32Array.from(targets);
      await checkOwn({
        inputs: [tensors.randn([targets.length, 11])],
        op: (logits) => crossEntropy(logits as Tensor2D, ids),
        reference: (logits) => [mean64(logits, ids, 11)],
        atol: 1e-5,
        because: 'sums of 11 exponentials in float32',
      });
      tensors.dispose();
    });
  }

  test('passes on what comes from behind it', async () => {
    await useBackend(node());
    const tensors = tensorsFor(14);
    const logits = tensors.randn([3, 5]);
    const loss = (x: unknown) => crossEntropy(x as Tensor2D, Int32Array.of(1, 4, 0));
    tidy(() => {
      const once = grad(loss)(logits);
      expectClose(grad((x) => mul(loss(x), 3))(logits), mul(once, 3).dataSync(), {
        atol: 1e-7,
        because: 'one rounding',
      });
    });
    tensors.dispose();
  });
});

function mean64(logits: Float64Array, targets: Int32Array, vocab: number): number {
  const losses = Array.from(targets).flatMap((target, row) => {
    if (target === -100) return [];
    const values = logits.subarray(row * vocab, (row + 1) * vocab);
    return [Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0)) - (values[target] as number)];
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length);
}
