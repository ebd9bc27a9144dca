import { FrozenLinear, LoraLinear, LowrankError, randomFloats, type LoraLinearOptions } from '@lowrank/core';
import { checkOp, describe, expect, expectClose, it, mapped, matMul64, type Tensors } from '@lowrank/testing';
import { dispose, memory, tensor2d, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

const close = { atol: 5e-6, because: 'chained sums of at most 6 products in float32' };

describe('LoraLinear', () => {
  it.onEachBackend('starts with A [in, rank] drawn and B [rank, out] zero', ({ tensors }) => {
    using layer = fresh(tensors, { rank: 2, alpha: 4 });
    expect([layer.a.shape, layer.b.shape, layer.rank, layer.scaling]).toEqual([[6, 2], [2, 5], 2, 2]);
    expect(layer.a.dataSync().every((value) => value !== 0)).toBe(true);
    expect(layer.b.dataSync().every((value) => value === 0)).toBe(true);
  });

  it.onEachBackend("gives the base's output to the bit before training", ({ tensors }) => {
    using layer = fresh(tensors, { rank: 2, alpha: 4 });
    const x = tensors.randn([3, 6]);
    const [adapted, base] = [layer.forward(x), layer.base.forward(x)];
    expect(adapted.dataSync()).toEqual(base.dataSync());
    dispose([adapted, base]);
  });

  for (const options of [
    { rank: 2, alpha: 7 },
    { rank: 4, alpha: 1 },
    { rank: 4, alpha: 3, useRslora: true },
    { rank: 2, alpha: 1e4 },
  ]) {
    it.onEachBackend(
      `gives x W + bias + scaling · x A B and its gradients at ${JSON.stringify(options)}`,
      ({ tensors }) => {
        using layer = trained(tensors, options);
        const { rank, alpha, useRslora } = { useRslora: false, ...options };
        const scaling = useRslora ? alpha / Math.sqrt(rank) : alpha / rank;
        const [w, bias, a, b] = [layer.base.weight as Tensor2D, layer.bias as Tensor1D, layer.a, layer.b].map((t) =>
          t.dataSync(),
        );
        checkOp({
          inputs: [tensors.randn([3, 6])],
          op: (x) => layer.forward(x),
          reference: (x) => {
            const delta = matMul64(matMul64(x, a as Float32Array, [3, 6, rank]), b as Float32Array, [3, rank, 5]);
            return mapped(matMul64(x, w as Float32Array, [3, 6, 5]), (value, i) => {
              return value + ((bias as Float32Array)[i % 5] as number) + scaling * (delta[i] as number);
            });
          },
          ...close,
          atol: alpha > 100 ? 1e-4 : close.atol,
        });
      },
    );
  }

  it.onEachBackend(
    'merging changes no output by more than rounding; unmerging restores the base to the bit',
    async ({ tensors }) => {
      using layer = trained(tensors, { rank: 2, alpha: 4 });
      const x = tensors.randn([3, 6]);
      const untouched = (layer.base.weight as Tensor2D).dataSync().slice();
      const apart = layer.forward(x);
      await layer.merge();
      await layer.merge();
      const merged = layer.forward(x);
      expect(layer.merged).toBe(true);
      expectClose(merged, apart.dataSync(), close);
      layer.unmerge();
      const again = layer.forward(x);
      expect(again.dataSync()).toEqual(apart.dataSync());
      expect((layer.base.weight as Tensor2D).dataSync()).toEqual(untouched);
      dispose([apart, merged, again]);
    },
  );

  it.onEachBackend("gives the base's output to the bit when switched off, merged or not", async ({ tensors }) => {
    using layer = trained(tensors, { rank: 2, alpha: 4 });
    const x = tensors.randn([3, 6]);
    layer.enabled = false;
    const [off, base] = [layer.forward(x), layer.base.forward(x)];
    await layer.merge();
    const mergedOff = layer.forward(x);
    expect(off.dataSync()).toEqual(base.dataSync());
    expect(mergedOff.dataSync()).toEqual(base.dataSync());
    layer.enabled = true;
    expect(layer.weight).not.toBe(layer.base.weight);
    dispose([off, base, mergedOff]);
  });

  it.onEachBackend('holds just A and B, and the merged weight while it is merged', async ({ tensors }) => {
    const base = new FrozenLinear(tensors.randn([6, 5]) as Tensor2D);
    const before = memory().numBytes;
    const held = () => memory().numBytes - before;
    const layer = LoraLinear.fromBase(base, { rank: 2, alpha: 4 });
    expect(held()).toBe(4 * 2 * (6 + 5));
    await layer.merge();
    expect(held()).toBe(4 * (2 * (6 + 5) + 6 * 5));
    layer.unmerge();
    expect(held()).toBe(4 * 2 * (6 + 5));
    layer.dispose();
    expect(held()).toBe(0);
  });

  it.onEachBackend('refuses to merge an update that is not finite and stays unmerged', async ({ tensors }) => {
    using layer = trained(tensors, { rank: 2, alpha: 4 });
    layer.b.assign(tensors.of([Infinity, 0, 0, 0, 0, 0, 0, 0, 0, 0], [2, 5]));
    await expect(layer.merge()).rejects.toSatisfy((error) => LowrankError.is(error, 'not-finite'));
    expect(layer.merged).toBe(false);
  });

  it.onEachBackend('drops inputs of the adapter in training only, by the seed of the pass', ({ tensors }) => {
    using layer = trained(tensors, { rank: 2, alpha: 4, dropout: 0.5 });
    const x = tensors.randn([3, 6]);
    const forward = (context?: { training: boolean; seed: number }) => layer.forward(x, context);
    const passes = [
      forward(),
      forward({ training: false, seed: 1 }),
      forward({ training: true, seed: 1 }),
      forward({ training: true, seed: 1 }),
      forward({ training: true, seed: 2 }),
    ];
    const [still, evaluation, first, again, other] = passes.map((pass) => pass.dataSync());
    expect(evaluation).toEqual(still);
    expect(first).not.toEqual(still);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    dispose(passes);
  });

  it('allows a rank above min(in, out): the maths holds, the plan warns', () => {
    const base = new FrozenLinear(tensor2d(randomFloats(30, { distribution: 'normal', seed: 1 }), [6, 5]));
    using layer = LoraLinear.fromBase(base, { rank: 9, alpha: 9 });
    expect(layer.a.shape).toEqual([6, 9]);
    base.dispose();
  });

  for (const [name, options] of Object.entries({
    'rank 0': { rank: 0, alpha: 1 },
    'rank -1': { rank: -1, alpha: 1 },
    'rank 1.5': { rank: 1.5, alpha: 1 },
    'alpha NaN': { rank: 1, alpha: NaN },
    'alpha 0': { rank: 1, alpha: 0 },
    'dropout 1': { rank: 1, alpha: 1, dropout: 1 },
  })) {
    it(`refuses ${name} with a clear error and no tensor left`, () => {
      const base = new FrozenLinear(tensor2d([[1, 2]]));
      expect(() => LoraLinear.fromBase(base, options)).toThrow(name.split(' ')[0] as string);
      base.dispose();
    });
  }
});

function fresh(tensors: Tensors, options: LoraLinearOptions): LoraLinear {
  const base = new FrozenLinear(tensors.randn([6, 5]) as Tensor2D, tensors.randn([5]) as Tensor1D);
  return LoraLinear.fromBase(base, options);
}

function trained(tensors: Tensors, options: LoraLinearOptions): LoraLinear {
  const layer = fresh(tensors, options);
  layer.b.assign(tensors.randn([options.rank, 5]) as Tensor);
  return layer;
}
