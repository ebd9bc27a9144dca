import { webgpu } from '@lowrank/backend-webgpu';
import { useBackend } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { dispose, gather, tensor } from '@tensorflow/tfjs-core';
import { dawnIsHere } from '../../test/dawn.js';

describe('gather of integers', async () => {
  const test = it.runIf(await dawnIsHere());
  // More values than tfjs would leave to the processor, none of which float32 can hold.
  const values = Int32Array.from({ length: 2400 }, (_, index) => (index % 2 ? 1 : -1) * (2 ** 30 + 2 * index + 1));

  test('keeps every bit, along any axis, and gives 0 outside', async () => {
    await useBackend(webgpu());
    const x = tensor(values, [2, 100, 12], 'int32');
    const rows = tensor([99, 0, 100, 5], [2, 2], 'int32');
    const got = gather(x, rows, 1);
    expect(got.shape).toEqual([2, 2, 2, 12]);
    const want = [0, 1].flatMap((outer) =>
      [99, 0, 100, 5].flatMap((row) =>
        row === 100
          ? Array<number>(12).fill(0)
          : [...values.subarray((outer * 100 + row) * 12, (outer * 100 + row + 1) * 12)],
      ),
    );
    expect([...(await got.data())]).toEqual(want);
    dispose([x, rows, got]);
  });

  test('takes indices of their own for each member of a batch', async () => {
    await useBackend(webgpu());
    const x = tensor(values, [2, 1200], 'int32');
    const columns = tensor([3, 1199, 0, 7], [2, 2], 'int32');
    const got = gather(x, columns, 1, 1);
    expect([...(await got.data())]).toEqual([3, 1199, 1200, 1207].map((index) => values[index]));
    dispose([x, columns, got]);
  });
});
