import {
  BlockWeight,
  denseWeight,
  deriveSeed,
  dropout,
  FrozenLinear,
  LoraLinear,
  type FrozenWeight,
} from '@lowrank/core';
import { describe, expect, expectClose, finiteDifferences, it, matMul64, type Tensors } from '@lowrank/testing';
import {
  abs,
  dispose,
  grads,
  memory,
  mul,
  sum,
  tidy,
  variableGrads,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

const [features, out, rank] = [6, 5, 2];
const scaling = 1.5;
const close = { atol: 1e-5, because: 'sums of 6 products in float32, and a root' };

/** The columns' norms of `W + s A B`, in float64, by the whole matrix. */
function norms64(w: Values, a: Values, b: Values): Float64Array {
  const update = matMul64(a, b, [features, rank, out]);
  return Float64Array.from({ length: out }, (_, column) => {
    let total = 0;
    for (let row = 0; row < features; row++)
      total += (w[row * out + column]! + scaling * update[row * out + column]!) ** 2;
    return Math.sqrt(total);
  });
}

/** `bias + x W + (m / n - 1) ∘ x' W + (m / n) ∘ s x' A B` in float64, n given. */
function dora64(x: Values, dropped: Values, { w, bias, m, a, b, n }: Weights64): Float64Array {
  const rows = x.length / features;
  const product = (input: Values) => matMul64(input, w, [rows, features, out]);
  const [plain, kept] = [product(x), product(dropped)];
  const update = matMul64(matMul64(dropped, a, [rows, features, rank]), b, [rows, rank, out]);
  return Float64Array.from(plain, (value, at) => {
    const ratio = m[at % out]! / n[at % out]!;
    return value + bias[at % out]! + (ratio - 1) * kept[at]! + ratio * scaling * update[at]!;
  });
}

type Values = ArrayLike<number>;
interface Weights64 {
  w: Values;
  bias: Values;
  m: Values;
  a: Values;
  b: Values;
  n: Values;
}

describe('Dora', () => {
  it.onEachBackend("starts as the base, to the bit: its magnitudes are the norms of W's columns", ({ tensors }) => {
    using layer = fresh(tensors);
    const x = tensors.randn([3, features]);
    const [adapted, base] = [layer.forward(x), layer.base.forward(x)];
    expect(adapted.dataSync()).toEqual(base.dataSync());
    const w = (layer.base.weight as Tensor2D).dataSync();
    expectClose(magnitudeOf(layer), norms64(w, new Float32Array(12), new Float32Array(10)), close);
    dispose([adapted, base]);
  });

  it.onEachBackend('is (m / n) ∘ (x W + s x A B) + bias, and its gradient holds n', ({ tensors }) => {
    using layer = trained(tensors);
    const x = tensors.randn([2, 3, features]);
    const dy = tensors.randn([2, 3, out]);
    const held = weightsOf(layer);
    const values = Float64Array.from(x.dataSync());
    const output = layer.forward(x);
    expectClose(output, dora64(values, values, held), close);
    const loss64 = (name: 'x' | 'a' | 'b' | 'm') => (now: Float64Array) => {
      const input = name === 'x' ? now : values;
      const weights = name === 'x' ? held : { ...held, [name]: now };
      return dora64(input, input, weights).reduce(
        (total, value, at) => total + value * (dy.dataSync()[at] as number),
        0,
      );
    };
    const [dx] = grads((x: Tensor) => layer.forward(x))([x], dy) as [Tensor];
    expectClose(dx, finiteDifferences(loss64('x'), values), close);
    const parameters = layer.parameters('q');
    const { value, grads: found } = variableGrads(
      () => tidy(() => sum(mul(layer.forward(x), dy))),
      parameters.map(({ variable }) => variable),
    );
    for (const { role, variable } of parameters) {
      const name = ({ lora_A: 'a', lora_B: 'b' } as Record<string, 'a' | 'b'>)[role] ?? 'm';
      expectClose(found[variable.name]!, finiteDifferences(loss64(name), held[name]), close);
    }
    dispose([output, dx, value, ...Object.values(found)]);
  });

  it.onEachBackend(
    'sees the dropped input in the update and in what it rescales, the input itself in x W',
    ({ tensors }) => {
      using layer = trained(tensors, { dropout: 0.5 });
      const x = tensors.randn([3, features]);
      const output = layer.forward(x, { training: true, seed: 4 });
      const kept = dropout(x, 0.5, deriveSeed(4, 'dropout/0'));
      expectClose(output, dora64(x.dataSync(), kept.dataSync(), weightsOf(layer)), close);
      dispose([output, kept]);
    },
  );

  it.onEachBackend('merges to (m / n) ∘ (W + s A B) and comes apart to the bit', async ({ tensors }) => {
    using layer = trained(tensors);
    const x = tensors.randn([3, features]);
    const apart = layer.forward(x);
    await layer.merge();
    const merged = layer.forward(x);
    expectClose(merged, apart.dataSync(), close);
    layer.unmerge();
    const again = layer.forward(x);
    expect(again.dataSync()).toEqual(apart.dataSync());
    layer.enabled = false;
    const [off, base] = [layer.forward(x), layer.base.forward(x)];
    expect(off.dataSync()).toEqual(base.dataSync());
    dispose([apart, merged, again, off, base]);
  });

  it.onEachBackend(
    'computes n once for factors that stay, and anew once they change; no tensor is left',
    ({ tensors }) => {
      using layer = trained(tensors);
      const x = tensors.randn([3, features]);
      const first = layer.forward(x);
      const held = memory().numTensors;
      const again = layer.forward(x);
      expect(memory().numTensors).toBe(held + 1);
      layer.a.assign(tensors.randn([features, rank]) as Tensor);
      const changed = layer.forward(x);
      expect(memory().numTensors).toBe(held + 3); // two outputs and the new A, which the test owns
      expectClose(changed, dora64(x.dataSync(), x.dataSync(), weightsOf(layer)), close);
      dispose([first, again, changed]);
    },
  );

  it.onEachBackend('works on a packed base as on its dequantised values', ({ tensors }) => {
    const weight = BlockWeight.fromRows(
      tensors.randn([out, features]).dataSync() as Float32Array,
      [out, features],
      'int8',
      8,
    );
    using base = new FrozenLinear(weight, tensors.randn([out]) as Tensor1D);
    using layer = movedBy(tensors, LoraLinear.fromBase(base, { rank, alpha: 3, useDora: true }));
    const x = tensors.randn([3, features]);
    const output = layer.forward(x);
    expectClose(output, dora64(x.dataSync(), x.dataSync(), weightsOf(layer)), close);
    output.dispose();
  });

  it.onEachBackend('gives numbers, not NaN, for an output whose column is all zeros', ({ tensors }) => {
    const base = new FrozenLinear(tensors.of(new Float32Array(30), [features, out]) as Tensor2D);
    using layer = LoraLinear.fromBase(base, { rank, alpha: 3, useDora: true });
    const output = layer.forward(tensors.randn([3, features]));
    expect([...output.dataSync()]).toEqual(Array<number>(15).fill(0));
    output.dispose();
  });
});

function fresh(tensors: Tensors, options: { dropout?: number } = {}): LoraLinear {
  const base = new FrozenLinear(tensors.randn([features, out]) as Tensor2D, tensors.randn([out]) as Tensor1D);
  return LoraLinear.fromBase(base, { rank, alpha: 3, useDora: true, ...options });
}

function movedBy(tensors: Tensors, layer: LoraLinear): LoraLinear {
  layer.b.assign(tensors.randn([rank, out]) as Tensor);
  const magnitude = layer.parameters('q').find(({ role }) => role === 'lora_magnitude_vector');
  tidy(() => magnitude!.variable.assign(mul(magnitude!.variable, abs(tensors.randn([out])))));
  return layer;
}

const trained = (tensors: Tensors, options?: { dropout?: number }) => movedBy(tensors, fresh(tensors, options));

function magnitudeOf(layer: LoraLinear): Values {
  return layer
    .parameters('q')
    .find(({ role }) => role === 'lora_magnitude_vector')!
    .variable.dataSync();
}

function weightsOf(layer: LoraLinear): Weights64 {
  const [a, b] = [layer.a.dataSync(), layer.b.dataSync()];
  const dense = denseWeight(layer.base.weight as FrozenWeight);
  const w = dense.dataSync().slice();
  dense.dispose();
  return { w, bias: layer.base.bias!.dataSync(), m: magnitudeOf(layer), a, b, n: norms64(w, a, b) };
}
