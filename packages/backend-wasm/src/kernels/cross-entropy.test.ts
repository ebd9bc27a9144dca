import { crossEntropy } from '@lowrank/core';
import { describe, it } from '@lowrank/testing';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { checkKernel, type KernelCheck } from '../../test/check-kernel.js';

describe('crossEntropy on wasm equals its formula in float64, with its gradient', () => {
  const cases: [targets: number[], vocab: number, spread: number][] = [
    [[0], 1, 1],
    [[6], 7, 1],
    [[2, -100, 0, 299, 7], 300, 1],
    [[2, -100, 0, 299, 7], 300, 1000],
    [[999, 0, 512], 1000, 3],
    [[49151], 49152, 3],
    [[-100, -100], 9, 1],
  ];
  for (const [targets, vocab, spread] of cases) {
    it(`targets ${targets.join(', ')} of ${vocab}, logits to ${4 * spread}`, () =>
      checkKernel(check(Int32Array.from(targets), vocab, spread)));
  }
});

function check(targets: Int32Array, vocab: number, spread: number): KernelCheck {
  const count = Math.max(1, targets.filter((target) => target !== -100).length);
  return {
    shapes: [[targets.length, vocab]],
    spread,
    op: (logits) => crossEntropy(logits as Tensor2D, targets),
    reference: (logits) => {
      const losses = rowsOf(logits, vocab).map(({ normaliser, values }, row) =>
        targets[row] === -100 ? 0 : normaliser - (values[targets[row] as number] as number),
      );
      return Float64Array.of(losses.reduce((sum, loss) => sum + loss, 0) / count);
    },
    gradients: (dy, logits) => [
      Float64Array.from(
        rowsOf(logits, vocab).flatMap(({ normaliser, values }, row) =>
          [...values].map((value, index) => {
            if (targets[row] === -100) return 0;
            const truth = index === targets[row] ? 1 : 0;
            return ((Math.exp(value - normaliser) - truth) * (dy[0] as number)) / count;
          }),
        ),
      ),
    ],
    atol: 1e-6,
    because: 'exponentials to 2 in 10^7, and their sum',
  };
}

function rowsOf(logits: Float64Array, vocab: number) {
  return Array.from({ length: logits.length / vocab }, (_, row) => {
    const values = logits.subarray(row * vocab, (row + 1) * vocab);
    const most = values.reduce((a, b) => Math.max(a, b));
    const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
    return { values, normaliser: most + Math.log(sum) };
  });
}
