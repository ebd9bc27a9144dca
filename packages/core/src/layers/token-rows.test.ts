import { BlockWeight, embeddingLookup, frozenLinear, TokenRows, TokenRowsHead, type FrozenModule } from '@lowrank/core';
import { checkOp, describe, expect, it, matMul64, type Tensors } from '@lowrank/testing';
import { dispose, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

const [vocab, hidden] = [7, 4];
const tokens = [5, 1];
const picked = [1, 0, 5, 5, 1, 6];
const close = { atol: 5e-6, because: 'sums of 4 products in float32' };

function embedding(weight: Tensor2D | BlockWeight): FrozenModule {
  return { kind: 'embedding', weight, forward: (ids) => embeddingLookup(weight, ids) };
}

function fresh(tensors: Tensors): TokenRows {
  return new TokenRows(embedding(tensors.randn([vocab, hidden]) as Tensor2D), tokens);
}

function trained(tensors: Tensors): TokenRows {
  const module = fresh(tensors);
  module.rows.assign(tensors.randn([2, hidden]) as Tensor);
  return module;
}

const idsOf = (tensors: Tensors) => tensors.of(picked, [2, 3], 'int32');

function replaced(table: ArrayLike<number>, rows: ArrayLike<number>): Float64Array {
  return Float64Array.from(table, (value, at) => {
    const place = tokens.indexOf(Math.floor(at / hidden));
    return place === -1 ? value : rows[place * hidden + (at % hidden)]!;
  });
}
const rowsOf = (table: ArrayLike<number>) =>
  picked.flatMap((id) => Array.from({ length: hidden }, (_, at) => table[id * hidden + at]!));

describe('TokenRows', () => {
  it.onEachBackend('starts as the base to the bit', ({ tensors }) => {
    using module = fresh(tensors);
    const ids = idsOf(tensors);
    const [ours, base] = [module.forward(ids), module.base.forward(ids)];
    expect(ours.dataSync()).toEqual(base.dataSync());
    dispose([ours, base]);
  });

  it.onEachBackend(
    'puts its rows in place of the old ones, and learns each as often as it is looked up',
    ({ tensors }) => {
      using module = trained(tensors);
      const ids = idsOf(tensors);
      const table = (module.base.weight as Tensor2D).dataSync();
      const reference = (rows: Float64Array) => rowsOf(replaced(table, rows));
      checkOp({ inputs: [module.rows], op: () => module.forward(ids), reference, ...close });
      expect(module.parameters('e').map(({ name }) => name)).toEqual(['e.token_adapter.trainable_tokens_delta']);
    },
  );

  it.onEachBackend('merges to a table that has them, to the bit, and gives the base back', async ({ tensors }) => {
    using module = trained(tensors);
    const ids = idsOf(tensors);
    const apart = module.forward(ids);
    await module.merge();
    const merged = module.forward(ids);
    expect(merged.dataSync()).toEqual(apart.dataSync());
    const table = replaced((module.base.weight as Tensor2D).dataSync(), module.rows.dataSync());
    expect((module.weight as Tensor2D).dataSync()).toEqual(Float32Array.from(table));
    module.enabled = false;
    const [off, base] = [module.forward(ids), module.base.forward(ids)];
    expect(off.dataSync()).toEqual(base.dataSync());
    dispose([apart, merged, off, base]);
  });

  it.onEachBackend('refuses to merge rows that are not finite', async ({ tensors }) => {
    using module = fresh(tensors);
    module.rows.assign(tensors.of([NaN, 0, 0, 0, 0, 0, 0, 0], [2, hidden]) as Tensor);
    await expect(module.merge()).rejects.toMatchObject({ code: 'not-finite' });
    expect(module.merged).toBe(false);
  });

  it.onEachBackend('starts from the dequantised rows of a packed table', ({ tensors }) => {
    const packed = BlockWeight.fromRows(tensors.randn([vocab, 8]).dataSync() as Float32Array, [vocab, 8], 'int8', 8);
    using module = new TokenRows(embedding(packed), tokens);
    const ids = idsOf(tensors);
    const [ours, base] = [module.forward(ids), module.base.forward(ids)];
    expect(ours.dataSync()).toEqual(base.dataSync());
    dispose([ours, base]);
    packed.dispose();
  });
});

describe('TokenRowsHead', () => {
  const head = (table: Tensor2D) => {
    return { kind: 'tied-head', forward: (x: Tensor) => frozenLinear(x, table, undefined, { transposed: true }) };
  };

  it.onEachBackend('gives the logits of the table with those rows, and their gradient', ({ tensors }) => {
    using rows = trained(tensors);
    const base = head(rows.base.weight as Tensor2D);
    const module = new TokenRowsHead(base, rows);
    const table = (rows.base.weight as Tensor2D).dataSync();
    const reference = (x: Float64Array, own: Float64Array) => {
      const now = replaced(table, own);
      const turned = Float64Array.from(now, (_, at) => now[(at % vocab) * hidden + Math.floor(at / vocab)]!);
      return matMul64(x, turned, [3, hidden, vocab]);
    };
    checkOp({ inputs: [tensors.randn([3, hidden]), rows.rows], op: (x) => module.forward(x), reference, ...close });
    expect(module.parameters()).toEqual([]);
  });

  it.onEachBackend('is the base to the bit when off, and keeps leading axes', ({ tensors }) => {
    using rows = trained(tensors);
    const base = head(rows.base.weight as Tensor2D);
    const module = new TokenRowsHead(base, rows);
    const x = tensors.randn([2, 3, hidden]);
    const [on, expected] = [module.forward(x), base.forward(x)];
    expect(on.shape).toEqual([2, 3, vocab]);
    module.enabled = false;
    const off = module.forward(x);
    expect(off.dataSync()).toEqual(expected.dataSync());
    dispose([on, off, expected]);
  });
});
