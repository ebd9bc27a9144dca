import { embeddingLookup, useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { describe, errorOf, expect, expectClose, it } from '@lowrank/testing';
import { dispose, tensor2d } from '@tensorflow/tfjs-core';

describe('embeddingLookup on wasm', () => {
  it('copies the rows that are asked for, and refuses one that is not there', async () => {
    await useBackend(wasm());
    const table = tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const ids = tensor2d([2, 0, 2, 1], [2, 2], 'int32');
    const rows = embeddingLookup(table, ids);
    expect(rows.shape).toEqual([2, 2, 2]);
    expectClose(rows, [5, 6, 1, 2, 5, 6, 3, 4], { atol: 0, because: 'copies' });
    for (const id of [3, -1]) {
      const wrong = tensor2d([[0, id]], [1, 2], 'int32');
      expect(await errorOf(() => embeddingLookup(table, wrong))).toMatchObject({ code: 'data-invalid' });
      wrong.dispose();
    }
    dispose([table, ids, rows]);
  });
});
