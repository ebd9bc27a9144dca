import { webgpu } from '@lowrank/backend-webgpu';
import { crossEntropy, embeddingLookup, frozenLinear, useBackend } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { dispose, relu, tensor, tensor2d, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { afterAll } from 'vitest';
import { dawnIsHere } from '../../test/dawn.js';
import { deviceOf } from '../../test/device-of.js';
import { matMul64, transposed64 } from '../../test/float64.js';
import { outcomeOf, random } from '../../test/op-check.js';

const [vocab, hidden, rows] = [200, 24, 50];
const limits = { maxStorageBufferBindingSize: 16_384 };

/** On a device that binds 16 KiB at a time, a table of 19 KiB and logits of 40 KiB. */
describe('a table that is larger than one binding', async () => {
  const here = await dawnIsHere();
  const test = it.runIf(here);
  const table = random([vocab, hidden], 7);
  const wide = Float64Array.from(table);

  async function useSmallDevice(): Promise<void> {
    const backend = webgpu({ limits });
    await useBackend(backend);
    if (backend.capabilities().limits?.['maxStorageBufferBindingSize'] === limits.maxStorageBufferBindingSize) return;
    deviceOf().destroy();
    await deviceOf().lost;
    await useBackend(backend);
  }

  afterAll(() => here && deviceOf().destroy());

  test('gives its rows', async () => {
    await useSmallDevice();
    const weight = tensor2d(table, [vocab, hidden]);
    const ids = [0, 199, 170, 169, 5, 0];
    const wanted = tensor(ids, [2, 3], 'int32');
    const found = embeddingLookup(weight, wanted);
    expect([...(await found.data())]).toEqual(ids.flatMap((id) => [...table.subarray(id * hidden, (id + 1) * hidden)]));
    dispose([weight, wanted, found]);
  });

  test('is a tied head, forward and backward', async () => {
    await useSmallDevice();
    const { differences, leaked } = await outcomeOf({
      name: 'tied head',
      shapes: [[rows, hidden]],
      op: (x) => frozenLinear(x, tensor(table, [vocab, hidden]) as Tensor2D, undefined, { transposed: true }),
      reference: (x) => matMul64(x, transposed64(wide, [vocab, hidden]), [rows, hidden, vocab]),
      gradients: (dy) => [matMul64(dy, wide, [rows, vocab, hidden])],
      atol: 0,
    });
    expect(Math.max(...differences)).toBeLessThan(2e-5);
    expect(leaked).toBe(0);
  });

  test('is a plain head with a bias, forward and backward', async () => {
    await useSmallDevice();
    const bias = random([vocab], 8);
    const { differences } = await outcomeOf({
      name: 'head',
      shapes: [[rows, hidden]],
      op: (x) => frozenLinear(x, tensor(table, [hidden, vocab]) as Tensor2D, tensor(bias)),
      reference: (x) => matMul64(x, wide, [rows, hidden, vocab]).map((v, i) => v + (bias[i % vocab] as number)),
      gradients: (dy) => [matMul64(dy, transposed64(wide, [hidden, vocab]), [rows, vocab, hidden])],
      atol: 0,
    });
    expect(Math.max(...differences)).toBeLessThan(2e-5);
  });

  test('has logits whose loss is cut by rows', async () => {
    await useSmallDevice();
    const targets = Int32Array.from({ length: rows }, (_, row) => (row % 7 === 0 ? -100 : (row * 37) % vocab));
    const { differences } = await outcomeOf({
      name: 'loss',
      shapes: [[rows, vocab]],
      op: (logits) => crossEntropy(logits as Tensor2D, targets),
      reference: (logits) => Float64Array.of(loss64(logits, targets)),
      atol: 0,
    });
    expect(Math.max(...differences)).toBeLessThan(2e-6);
  });

  test("is refused, and named, by tfjs's own kernels", async () => {
    await useSmallDevice();
    const weight: Tensor = tensor2d(table, [vocab, hidden]);
    const error = await errorOf(() => relu(weight));
    expect(error.code).toBe('out-of-memory');
    expect(error.rule).toContain('16384 bytes (maxStorageBufferBindingSize)');
    weight.dispose();
  });
});

function loss64(logits: Float64Array, targets: Int32Array): number {
  const losses = [...targets.entries()]
    .filter(([, target]) => target !== -100)
    .map(([row, target]) => {
      const values = logits.subarray(row * vocab, (row + 1) * vocab);
      return Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0)) - (values[target] as number);
    });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
