import { FrozenConv, loraConv, LoraConv, type ConvGeometry, type LoraLinearOptions } from '@lowrank/core';
import { checkOp, conv64, describe, expect, expectClose, it, mapped, matMul64, type Tensors } from '@lowrank/testing';
import { dispose, memory, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';

const close = { atol: 2e-5, because: 'two chained sums of at most 27 products in float32' };
const [from, out, rank] = [3, 4, 2];
const sizes = { x: [2, 5, 4, from], kernel: [3, 3, from, out], padding: 'same' } as const;
const plain = { x: [...sizes.x], kernel: [...sizes.kernel], padding: 'same' } as never;

function fresh(tensors: Tensors, options: Partial<LoraLinearOptions> = {}, geometry: Partial<ConvGeometry> = {}) {
  const groups = geometry.groups ?? 1;
  const weight = tensors.randn([3, 3, from / (groups === 3 ? 3 : 1), groups === 3 ? 6 : out]) as Tensor4D;
  const bias = tensors.randn([weight.shape[3]]) as Tensor1D;
  const base = new FrozenConv(weight, bias, { padding: 'same', ...geometry });
  return LoraConv.fromBase(base, { rank, alpha: 3, ...options });
}

function trained(tensors: Tensors, options?: Partial<LoraLinearOptions>, geometry?: Partial<ConvGeometry>) {
  const layer = fresh(tensors, options, geometry);
  layer.b.assign(tensors.randn(layer.b.shape));
  return layer;
}

describe('LoraConv', () => {
  it.onEachBackend('starts as the base to the bit, A drawn and B zero', ({ tensors }) => {
    using layer = fresh(tensors);
    const x = tensors.randn([...sizes.x]);
    expect([layer.a.shape, layer.b.shape, layer.rank]).toEqual([[3, 3, from, rank], [1, 1, rank, out], rank]);
    const bound = 1 / Math.sqrt(27);
    expect(layer.a.dataSync().every((value) => value !== 0 && Math.abs(value) <= bound)).toBe(true);
    const [ours, base] = [layer.forward(x), layer.base.forward(x)];
    expect(ours.dataSync()).toEqual(base.dataSync());
    dispose([ours, base]);
  });

  it.onEachBackend('gives x * W + bias + scaling · (x * A) * B, and the gradients of x, A and B', ({ tensors }) => {
    using layer = trained(tensors);
    const { weight, bias, geometry } = layer.base;
    checkOp({
      inputs: [tensors.randn([...sizes.x]), tensors.randn(layer.a.shape), tensors.randn(layer.b.shape)],
      op: (x, a, b) => loraConv(x, { weight, bias, a, b, scaling: 1.5, geometry }),
      reference: (x, a, b) => {
        const hidden = conv64(x, a, { ...(plain as object), kernel: [3, 3, from, rank] } as never);
        const update = matMul64(hidden, b, [hidden.length / rank, rank, out]);
        const shift = (bias as Tensor1D).dataSync();
        return mapped(conv64(x, weight.dataSync(), plain), (value, at) => {
          return value + 1.5 * (update[at] as number) + (shift[at % out] as number);
        });
      },
      ...close,
    });
  });

  for (const options of [{}, { useDora: true }, { loraBias: true }, { trainsBias: true, useRslora: true }]) {
    it.onEachBackend(`merges and comes apart to the bit, ${JSON.stringify(options)}`, async ({ tensors }) => {
      using layer = trained(tensors, options);
      const x = tensors.randn([...sizes.x]);
      const apart = layer.forward(x);
      await layer.merge();
      const merged = layer.forward(x);
      expect(layer.merged).toBe(true);
      expectClose(merged, apart.dataSync(), close);
      layer.unmerge();
      const again = layer.forward(x);
      expect(again.dataSync()).toEqual(apart.dataSync());
      layer.enabled = false;
      const [off, base] = [layer.forward(x), layer.base.forward(x)];
      expect(off.dataSync()).toEqual(base.dataSync());
      dispose([apart, merged, again, off, base]);
    });
  }

  it.onEachBackend('starts as the base with DoRA too, by its magnitudes', ({ tensors }) => {
    using layer = fresh(tensors, { useDora: true });
    const x = tensors.randn([...sizes.x]);
    const [ours, base] = [layer.forward(x), layer.base.forward(x)];
    expectClose(ours, base.dataSync(), close);
    dispose([ours, base]);
  });

  for (const useDora of [false, true]) {
    it.onEachBackend(`drops the adapter's input in training alone, with DoRA ${useDora}`, ({ tensors }) => {
      using layer = trained(tensors, { dropout: 0.5, useDora });
      const x = tensors.randn([...sizes.x]);
      const run = (training: boolean, seed: number) => {
        const output = layer.forward(x, { training, seed });
        const values = output.dataSync().slice();
        output.dispose();
        return values;
      };
      expect(run(false, 1)).toEqual(run(false, 2));
      expect(run(true, 1)).toEqual(run(true, 1));
      expect(run(true, 1)).not.toEqual(run(true, 2));
      expect(run(true, 1)).not.toEqual(run(false, 1));
    });
  }

  it.onEachBackend('frees all that it made, and leaves the base', async ({ tensors }) => {
    using first = fresh(tensors);
    const { base } = first;
    const before = memory().numTensors;
    const layer = LoraConv.fromBase(base, { rank, alpha: 3, useDora: true, loraBias: false });
    await layer.merge();
    layer.dispose();
    expect(memory().numTensors).toBe(before);
    base.forward(tensors.randn([...sizes.x])).dispose();
  });
});

describe('LoraConv refuses', () => {
  it.onEachBackend('a rank that groups do not divide, and DoRA on groups', ({ tensors }) => {
    const grouped = { groups: 3 };
    const refused = (options: Partial<LoraLinearOptions>, geometry: Partial<ConvGeometry>, code: string) =>
      expect(() => fresh(tensors, options, geometry)).toThrow(expect.objectContaining({ code }));
    refused({ rank: 4 }, grouped, 'config-invalid');
    refused({ rank: 3, useDora: true }, grouped, 'config-unsupported');
    refused({}, { dilations: [2, 1], padding: 'valid' }, 'config-unsupported');
  });

  it.onEachBackend('to merge what no kernel of its base can say, and stays as it was', async ({ tensors }) => {
    for (const geometry of [{ groups: 3 }, { dilations: [2, 2] }]) {
      using layer = trained(tensors, { rank: 3 }, geometry);
      await expect(layer.merge()).rejects.toThrow(expect.objectContaining({ code: 'config-unsupported' }));
      expect(layer.merged).toBe(false);
    }
  });

  it.onEachBackend('to merge what is not finite, and stays as it was', async ({ tensors }) => {
    using layer = trained(tensors);
    layer.b.assign(tensors.of(new Float32Array(layer.b.size).fill(Infinity), layer.b.shape));
    await expect(layer.merge()).rejects.toThrow(expect.objectContaining({ code: 'not-finite' }));
    expect(layer.merged).toBe(false);
  });
});
