import { crossEntropy } from '@lowrank/core';
import { checkOp, describe, expectClose, it } from '@lowrank/testing';
import { dispose, grad, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

const close = { atol: 3e-6, because: 'a logarithm of a short sum of exponentials in float32' };

describe('crossEntropy', () => {
  it.onEachBackend('is the mean of -log softmax at the targets that count, with its gradient', ({ tensors }) => {
    const targets = Int32Array.of(2, -100, 0, 6, -100);
    checkOp({
      inputs: [tensors.randn([5, 7])],
      op: (logits) => crossEntropy(logits as Tensor2D, targets),
      reference: (logits) => [reference(logits, targets, 7)],
      ...close,
    });
  });

  it.onEachBackend('gives the same in many chunks of rows as in one', ({ tensors }) => {
    const [tokens, vocab] = [5, 1 << 20];
    const logits = tensors.randn([tokens, vocab]) as Tensor2D;
    const targets = Int32Array.from({ length: tokens }, (_, row) => (row * 7919) % vocab);
    const loss = crossEntropy(logits, targets);
    expectClose(loss, [reference(Float64Array.from(logits.dataSync()), targets, vocab)], {
      atol: 1e-5,
      because: 'sums of a million exponentials in float32',
    });
    const gradient = grad((x: Tensor) => crossEntropy(x as Tensor2D, targets))(logits);
    const row = Float64Array.from(gradient.dataSync().subarray(4 * vocab, 5 * vocab));
    const rowSum = row.reduce((sum, value) => sum + value, 0);
    expectClose([rowSum], [0], {
      atol: 2e-5,
      because: 'probabilities sum to one, each off by the rounding of a normaliser near 14',
    });
    dispose([loss, gradient]);
  });

  it.onEachBackend('is 0 with a gradient of 0 when no target counts', ({ tensors }) => {
    checkOp({
      inputs: [tensors.randn([2, 3])],
      op: (logits) => crossEntropy(logits as Tensor2D, Int32Array.of(-1, -1), { ignoreIndex: -1 }),
      reference: () => [0],
      atol: 0,
      because: 'nothing is added',
    });
  });

  it.onEachBackend('stays finite at logits of ±1e4', ({ tensors }) => {
    const loss = crossEntropy(tensors.of([1e4, -1e4, 0, -1e4, 1e4, 0], [2, 3]) as Tensor2D, Int32Array.of(0, 0));
    expectClose(loss, [1e4], { atol: 1e-6, because: 'the two rows lose 0 and 20,000' });
    loss.dispose();
  });
});

function reference(logits: Float64Array, targets: Int32Array, vocab: number): number {
  let [total, count] = [0, 0];
  targets.forEach((target, row) => {
    if (target === -100) return;
    let sum = 0;
    for (let i = 0; i < vocab; i++) sum += Math.exp(logits[row * vocab + i] as number);
    total += Math.log(sum) - (logits[row * vocab + target] as number);
    count += 1;
  });
  return total / count;
}
