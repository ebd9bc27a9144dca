import { residual, useBackend } from '@lowrank/core';
import { node } from '@lowrank/backend-node';
import { describe, expect, it } from '@lowrank/testing';
import { add, backend, reshape, sum, tensor, tidy, transpose, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { tensorflow } from './tensorflow.js';
import { tensorflowIsHere } from '../test/tensorflow-is-here.js';

const held = () => (backend() as unknown as { numDataIds(): number }).numDataIds();

describe('a reshaped tensor on node', async () => {
  const test = it.runIf(await tensorflowIsHere());

  for (const firstGone of [0, 1, 2]) {
    test(`shares its values with the tensor it was, whichever goes first: ${firstGone}`, async () => {
      await useBackend(node());
      const before = held();
      const all = tidy(() => {
        const x = add(tensor([1, 2, 3, 4, 5, 6]), 1);
        return [x, reshape(x, [2, 3]), reshape(x, [3, -1])];
      });
      expect(held() - before).toBe(1);
      expect(sumsOfColumns(all[1]!)).toEqual([7, 9, 11]);
      expect(sumsOfColumns(all[2]!)).toEqual([12, 15]);
      all.splice(firstGone, 1)[0]!.dispose();
      for (const each of all) expect([...each.dataSync()]).toEqual([2, 3, 4, 5, 6, 7]);
      expect(tidy(() => sum(all[1]!).dataSync()[0])).toBe(27);
      for (const each of all) each.dispose();
      expect(held()).toBe(before);
    });
  }

  test('may hold whole numbers, truths and texts', async () => {
    await useBackend(node());
    tidy(() => {
      expect(transpose(reshape(tensor([1, 2, 3, 4, 5, 6], [6], 'int32'), [2, 3])).arraySync()).toEqual([
        [1, 4],
        [2, 5],
        [3, 6],
      ]);
      expect(transpose(reshape(tensor([true, false], [2], 'bool'), [2, 1])).arraySync()).toEqual([[1, 0]]);
      expect(reshape(tensor(['a', 'b'], [2], 'string'), [2, 1]).arraySync()).toEqual([['a'], ['b']]);
    });
  });

  for (const [name, op, expected] of [
    ['transposed', (x: Tensor) => transpose(x), [2, 5, 3, 6, 4, 7]],
    [
      'added to one of another shape in TensorFlow',
      (x: Tensor) => add(x, addedTo([10, 20, 30, 40, 50, 60], [3, 2])),
      [13, 24, 35, 46, 57, 68],
    ],
    ['a residual', (x: Tensor) => residual(x, addedTo([10, 20, 30, 40, 50, 60], [3, 2])), [13, 24, 35, 46, 57, 68]],
  ] as const) {
    test(`is read in place, without a view of its own: ${name}`, async () => {
      await useBackend(node());
      tidy(() => {
        const x = addedTo([1, 2, 3, 4, 5, 6], [6]);
        const [now, before] = [op(reshape(x, [2, 3])), viewsOf(x)];
        expect([...now.dataSync()]).toEqual(expected);
        expect(before).toBe(0);
      });
    });
  }

  test('has as many values as before, or there is an error', async () => {
    await useBackend(node());
    const x = zeros([2, 3]);
    expect(() => reshape(x, [4])).toThrow('must match the product of shape 4');
    x.dispose();
  });

  test('is right after more shapes than are remembered', async () => {
    await useBackend(node());
    const x = zeros([1, 1500]);
    for (let side = 1; side <= 1500; side++) {
      if (1500 % side === 0) expect(tidy(() => transpose(reshape(x, [side, -1])).shape)).toEqual([1500 / side, side]);
      expect(tidy(() => sum(reshape(zeros([side]), [side, 1])).dataSync()[0])).toBe(0);
    }
    x.dispose();
  });
});

/** Values one more than these, which TensorFlow made in this shape, as `[2, 3]` where they are six in another. */
function addedTo(values: number[], shape: number[]): Tensor {
  const made = add(tensor(values, shape), 1);
  return shape.length === 1 ? made : reshape(made, [2, 3]);
}

function viewsOf({ dataId }: Tensor): number {
  return tensorflow().tensorMap.get(dataId).views?.size ?? 0;
}

function sumsOfColumns(x: ReturnType<typeof tensor>): number[] {
  return tidy(() => [...sum(x, 0).dataSync()]);
}
