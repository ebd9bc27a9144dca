import {
  BlockWeight,
  embeddingLookup,
  LoraEmbedding,
  type FrozenModule,
  type LoraEmbeddingOptions,
} from '@lowrank/core';
import { checkOp, describe, expect, expectClose, it, matMul64, type Tensors } from '@lowrank/testing';
import { dispose, memory, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

const [vocab, hidden, rank] = [7, 4, 2];
const picked = [2, 0, 2, 6];
const close = { atol: 5e-6, because: 'sums of 2 products in float32' };
type Options = Omit<LoraEmbeddingOptions, 'rank' | 'alpha'>;

function embedding(weight: Tensor2D | BlockWeight): FrozenModule {
  return { kind: 'embedding', weight, forward: (ids) => embeddingLookup(weight, ids) };
}

function fresh(tensors: Tensors, options: Options = {}): LoraEmbedding {
  const base = embedding(tensors.randn([vocab, hidden]) as Tensor2D);
  return LoraEmbedding.fromBase(base, { rank, alpha: 3, ...options });
}

function trained(tensors: Tensors, options?: Options): LoraEmbedding {
  const layer = fresh(tensors, options);
  layer.a.assign(tensors.randn([vocab, rank]) as Tensor);
  return layer;
}

const idsOf = (tensors: Tensors) => tensors.of(picked, [2, 2], 'int32');

/** Rows of `W + 1.5 A B`, and all of it. */
function table64(w: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return matMul64(a, b, [vocab, rank, hidden]).map((value, at) => w[at]! + 1.5 * value);
}
const rowsOf = (table: ArrayLike<number>) =>
  picked.flatMap((id) => Array.from({ length: hidden }, (_, at) => table[id * hidden + at]!));

describe('LoraEmbedding', () => {
  it.onEachBackend('starts as the base to the bit: A is zero, B drawn', ({ tensors }) => {
    using layer = fresh(tensors);
    const ids = idsOf(tensors);
    const [ours, base] = [layer.forward(ids), layer.base.forward(ids)];
    expect(ours.dataSync()).toEqual(base.dataSync());
    expect(ours.shape).toEqual([2, 2, hidden]);
    expect(layer.b.dataSync().every((value) => value !== 0)).toBe(true);
    dispose([ours, base]);
  });

  it.onEachBackend('gives rows of W + scaling · A B, with the gradients of A and B', ({ tensors }) => {
    using layer = trained(tensors);
    const ids = idsOf(tensors);
    const w = (layer.base.weight as Tensor2D).dataSync();
    const reference = (a: Float64Array, b: Float64Array) => rowsOf(table64(w, a, b));
    checkOp({ inputs: [layer.a, layer.b], op: () => layer.forward(ids), reference, ...close });
  });

  for (const options of [{}, { useDora: true }]) {
    it.onEachBackend(`merges and comes apart to the bit, ${JSON.stringify(options)}`, async ({ tensors }) => {
      using layer = trained(tensors, options);
      const ids = idsOf(tensors);
      const [apart, base] = [layer.forward(ids), layer.base.forward(ids)];
      await layer.merge();
      const merged = layer.forward(ids);
      expectClose(merged, apart.dataSync(), close);
      expectClose(rowsOf((layer.weight as Tensor2D).dataSync()), apart.dataSync(), close);
      layer.enabled = false;
      const off = layer.forward(ids);
      expect(off.dataSync()).toEqual(base.dataSync());
      layer.enabled = true;
      layer.unmerge();
      const again = layer.forward(ids);
      expect(again.dataSync()).toEqual(apart.dataSync());
      expect(layer.weight).toBe(layer.base.weight);
      dispose([apart, base, merged, off, again]);
    });
  }

  it.onEachBackend(
    'with DoRA, scales each feature by m over the norm of its column in the whole table',
    ({ tensors }) => {
      using layer = trained(tensors, { useDora: true });
      const ids = idsOf(tensors);
      const magnitude = layer.parameters('e')[2]!;
      expect(magnitude.name).toBe('e.lora_magnitude_vector');
      const m = magnitude.variable.dataSync();
      const table = table64((layer.base.weight as Tensor2D).dataSync(), layer.a.dataSync(), layer.b.dataSync());
      const norms = Array.from({ length: hidden }, (_, column) =>
        Math.sqrt(table.reduce((sum, value, at) => sum + (at % hidden === column ? value * value : 0), 0)),
      );
      const output = layer.forward(ids);
      const expected = rowsOf(table.map((value, at) => (value * m[at % hidden]!) / norms[at % hidden]!));
      expectClose(output, expected, close);
      output.dispose();
    },
  );

  it.onEachBackend(
    'reads a table of its own where the adapter brings one, and the base when it is off',
    ({ tensors }) => {
      const other = tensors.randn([vocab, hidden]) as Tensor2D;
      const before = memory().numTensors;
      const layer = trained(tensors, { table: other.clone() });
      const ids = idsOf(tensors);
      const output = layer.forward(ids);
      expectClose(output, rowsOf(table64(other.dataSync(), layer.a.dataSync(), layer.b.dataSync())), close);
      expect([...layer.savedAlong('e')].map(([name, { shape }]) => [name, shape])).toEqual([
        ['e.base_layer.weight', [vocab, hidden]],
      ]);
      layer.enabled = false;
      const [off, base] = [layer.forward(ids), layer.base.forward(ids)];
      expect(off.dataSync()).toEqual(base.dataSync());
      dispose([output, off, base]);
      layer.dispose();
      expect(memory().numTensors).toBe(before + 3); // the base's table, the new A and the ids, which the test owns
    },
  );

  it.onEachBackend('adapts a packed table as its dequantised values; DoRA on one is refused', async ({ tensors }) => {
    const packed = BlockWeight.fromRows(tensors.randn([vocab, 8]).dataSync() as Float32Array, [vocab, 8], 'int8', 8);
    const base = embedding(packed);
    using layer = LoraEmbedding.fromBase(base, { rank, alpha: 3 });
    layer.a.assign(tensors.randn([vocab, rank]) as Tensor);
    const ids = idsOf(tensors);
    const apart = layer.forward(ids);
    await layer.merge();
    const merged = layer.forward(ids);
    expectClose(merged, apart.dataSync(), close);
    expect(() => LoraEmbedding.fromBase(base, { rank, alpha: 3, useDora: true })).toThrow(/packed in blocks/);
    dispose([apart, merged]);
    packed.dispose();
  });
});
