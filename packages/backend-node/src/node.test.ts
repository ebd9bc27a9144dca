import { node } from '@lowrank/backend-node';
import { useBackend } from '@lowrank/core';
import { checkOp, cpu, describe, expect, expectClose, it, matMul64, tensorsFor } from '@lowrank/testing';
import { engine, getBackend, matMul, square, tidy, transpose } from '@tensorflow/tfjs-core';
import { availableParallelism } from 'node:os';
import { tensorflowIsHere } from '../test/tensorflow-is-here.js';

describe('node', () => {
  it('refuses a number of threads that is none', () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => node({ threads })).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    }
  });
});

describe('a started node', async () => {
  const test = it.runIf(await tensorflowIsHere());

  test('is the backend that tfjs calls tensorflow, and says what it runs on', async () => {
    const backend = node();
    await Promise.all([backend.init(), backend.init(), node().init()]);
    await useBackend(backend);
    expect(getBackend()).toBe('tensorflow');
    expect(backend.capabilities()).toMatchObject({ threads: availableParallelism(), oneDnn: true });
    expect(backend.capabilities().version).toMatch(/^TensorFlow 2\.\d+\.\d+$/);
  });

  test('is the same backend after another was used', async () => {
    await useBackend(node());
    const running = engine().registry['tensorflow'];
    await useBackend(cpu());
    await useBackend(node());
    expect(engine().registry['tensorflow']).toBe(running);
  });

  for (const [transposeA, transposeB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    test(`multiplies as float64 does, with transposeA ${transposeA} and transposeB ${transposeB}`, async () => {
      await useBackend(node());
      const tensors = tensorsFor(1);
      const [rows, inner, columns] = [67, 130, 41];
      const left = tensors.randn([rows, inner]);
      const right = tensors.randn([inner, columns]);
      const want = matMul64(left.dataSync(), right.dataSync(), [rows, inner, columns]);
      const product = tidy(() => {
        const a = transposeA ? transpose(left) : left;
        const b = transposeB ? transpose(right) : right;
        return matMul(a, b, transposeA, transposeB);
      });
      expectClose(product, want, { atol: 2e-7 * inner + 1e-6, because: `sums of ${inner} products in float32` });
      product.dispose();
      tensors.dispose();
    });
  }

  test('passes a gradient through a product as the formula does', async () => {
    await useBackend(node());
    const tensors = tensorsFor(2);
    checkOp({
      inputs: [tensors.randn([3, 5]), tensors.randn([5, 4])],
      op: (a, b) => square(matMul(a as never, b as never)),
      reference: (a, b) => matMul64(a as Float64Array, b as Float64Array, [3, 5, 4]).map((value) => value * value),
      atol: 1e-4,
      because: 'squares of sums of five products in float32',
    });
    tensors.dispose();
  });
});
