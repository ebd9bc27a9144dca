import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { describe, expect, expectClose, it, tensorsFor } from '@lowrank/testing';
import { fill, mul, softmax, tensor1d, tidy } from '@tensorflow/tfjs-core';

describe('softmax on wasm', () => {
  for (const shape of [[1], [7], [4, 1], [3, 5], [2, 3, 128], [70, 131], [2, 9001]]) {
    it(`gives shares of each row, [${shape.join()}]`, async () => {
      await useBackend(wasm());
      const tensors = tensorsFor(4);
      const columns = shape.at(-1) as number;
      tidy(() => {
        const x = mul(tensors.randn(shape), 8);
        const values = [...x.dataSync()];
        const want = values.flatMap((_, start) => {
          if (start % columns !== 0) return [];
          const row = values.slice(start, start + columns).map(Math.exp);
          const sum = row.reduce((sum, value) => sum + value);
          return row.map((value) => value / sum);
        });
        expectClose(softmax(x), want, { atol: 1e-6, because: 'shares of at most 1 in float32' });
      });
      tensors.dispose();
    });
  }

  it('takes masked and huge values, and rows that are none', async () => {
    await useBackend(wasm());
    tidy(() => {
      expect([...softmax(tensor1d([-1e9, 0, -Infinity, 0, -1e9])).dataSync()]).toEqual([0, 0.5, 0, 0.5, 0]);
      expect([...softmax(tensor1d([3e38, -3e38])).dataSync()]).toEqual([1, 0]);
      expect(softmax(fill([0, 4], 1)).shape).toEqual([0, 4]);
    });
  });
});
