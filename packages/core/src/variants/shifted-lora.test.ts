import {
  FrozenLinear,
  loraTensorName,
  LoraLinear,
  plainLora,
  type InitialFactors,
  type LoraLinearOptions,
} from '@lowrank/core';
import { describe, expect, expectClose, finiteDifferences, it, matMul64, type Tensors } from '@lowrank/testing';
import {
  dispose,
  grads,
  memory,
  mul,
  profile,
  sum,
  tensor,
  tidy,
  variableGrads,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

const [features, out, rank] = [6, 5, 2];
const close = { atol: 2e-5, because: 'sums of 6 products in float32, twice the factors' };

type Values = ArrayLike<number>;

/** `bias + x W + s (x A B - x A₀ B₀)` in float64. */
function shifted64(x: Values, layer: LoraLinear, start: InitialFactors, now: { a?: Values; b?: Values } = {}) {
  const rows = x.length / features;
  const [a, b] = [now.a ?? layer.a.dataSync(), now.b ?? layer.b.dataSync()];
  const update = (a: Values, b: Values) => matMul64(matMul64(x, a, [rows, features, rank]), b, [rows, rank, out]);
  const [moved, held] = [update(a, b), update(start.a, start.b)];
  const base = matMul64(x, (layer.base.weight as Tensor2D).dataSync(), [rows, features, out]);
  const bias = layer.base.bias!.dataSync();
  return base.map((value, at) => value + bias[at % out]! + layer.scaling * (moved[at]! - held[at]!));
}

describe('ShiftedLora', () => {
  it.onEachBackend('starts as the base but for rounding, and is it to the bit when off', ({ tensors }) => {
    const [layer, start] = setUp(tensors);
    const x = tensors.randn([3, features]);
    const [adapted, base] = [layer.forward(x), layer.base.forward(x)];
    expectClose(adapted, base.dataSync(), close);
    expectClose(layer.a, start.a, { atol: 0, because: 'it is what was given' });
    layer.enabled = false;
    const off = layer.forward(x);
    expect(off.dataSync()).toEqual(base.dataSync());
    dispose([adapted, base, off]);
    layer.dispose();
  });

  it.onEachBackend(
    'adds what has changed since, with the gradients of plain LoRA and none of its start',
    ({ tensors }) => {
      const [layer, start] = setUp(tensors);
      move(tensors, layer);
      const x = tensors.randn([2, 2, features]);
      const dy = tensors.randn([2, 2, out]);
      const values = Float64Array.from(x.dataSync());
      const output = layer.forward(x);
      expectClose(output, shifted64(values, layer, start), close);
      const weigh = (y: Float64Array) => y.reduce((total, value, at) => total + value * dy.dataSync()[at]!, 0);
      const [dx] = grads((x: Tensor) => layer.forward(x))([x], dy) as [Tensor];
      expectClose(
        dx,
        finiteDifferences((x) => weigh(shifted64(x, layer, start)), values),
        close,
      );
      const { value, grads: found } = variableGrads(() => tidy(() => sum(mul(layer.forward(x), dy))));
      expect(Object.keys(found)).toHaveLength(2);
      for (const [name, variable] of [
        ['a', layer.a],
        ['b', layer.b],
      ] as const) {
        const slope = finiteDifferences(
          (now) => weigh(shifted64(values, layer, start, { [name]: now })),
          Float64Array.from(variable.dataSync()),
        );
        expectClose(found[variable.name]!, slope, close);
      }
      dispose([output, dx, value, ...Object.values(found)]);
      layer.dispose();
    },
  );

  it.onEachBackend('has the same gradients of x, B and the magnitudes where A does not learn', ({ tensors }) => {
    for (const useDora of [false, true]) {
      const [layer] = setUp(tensors, { useDora });
      move(tensors, layer);
      const x = tensors.randn([3, features]);
      const trained = layer.parameters('q').flatMap(({ role, variable }) => (role === 'lora_A' ? [] : [variable]));
      const slopes = () => variableGrads(() => tidy(() => sum(layer.forward(x))), trained);
      const learning = slopes();
      layer.a.trainable = false;
      const frozen = slopes();
      for (const { name } of trained) expectClose(frozen.grads[name]!, learning.grads[name]!.dataSync(), close);
      const [dx] = grads((x: Tensor) => layer.forward(x))([x]) as [Tensor];
      layer.a.trainable = true;
      const [wanted] = grads((x: Tensor) => layer.forward(x))([x]) as [Tensor];
      expectClose(dx, wanted.dataSync(), close);
      dispose([learning.value, learning.grads, frozen.value, frozen.grads, dx, wanted]);
      layer.dispose();
    }
  });

  it.onEachBackend('merges, comes apart to the bit, and leaves its base as it was', async ({ tensors }) => {
    const [layer, start] = setUp(tensors);
    move(tensors, layer);
    const weight = (layer.base.weight as Tensor2D).dataSync().slice();
    const x = tensors.randn([3, features]);
    const apart = layer.forward(x);
    await layer.merge();
    const merged = layer.forward(x);
    expectClose(merged, apart.dataSync(), close);
    layer.unmerge();
    const again = layer.forward(x);
    expect(again.dataSync()).toEqual(apart.dataSync());
    const delta = layer.delta();
    const change = (a: Values, b: Values) => matMul64(a, b, [features, rank, out]);
    const held = change(start.a, start.b);
    const expected = change(layer.a.dataSync(), layer.b.dataSync()).map((v, at) => layer.scaling * (v - held[at]!));
    expectClose(delta, expected, close);
    expect((layer.base.weight as Tensor2D).dataSync()).toEqual(weight);
    dispose([apart, merged, again, delta]);
    layer.dispose();
  });

  it.onEachBackend('does what plainLora makes of it, with dropout of its input and with DoRA too', ({ tensors }) => {
    for (const options of [{ dropout: 0.5 }, { useDora: true }, { useRslora: true }]) {
      const [layer, start] = setUp(tensors, options);
      move(tensors, layer);
      const plain = converted(layer, start, options);
      const x = tensors.randn([3, features]);
      for (const context of [undefined, { training: true, seed: 4 }]) {
        const [here, there] = [layer.forward(x, context), plain.forward(x, context)];
        expectClose(here, there.dataSync(), close);
        dispose([here, there]);
      }
      plain.dispose();
      layer.dispose();
    }
  });

  it.onEachBackend(
    'computes the norm of DoRA once for factors that stay, and anew once they change',
    async ({ tensors }) => {
      const [layer] = setUp(tensors, { useDora: true });
      const x = tensors.randn([3, features]);
      const norms = async () => {
        const { kernels, result } = await profile(() => layer.forward(x));
        (result as Tensor).dispose();
        return kernels.filter(({ name }) => name === 'Sqrt').length;
      };
      expect([await norms(), await norms()]).toEqual([1, 0]);
      move(tensors, layer);
      expect([await norms(), await norms()]).toEqual([1, 0]);
      layer.scaling *= 2;
      expect([await norms(), await norms()]).toEqual([1, 0]);
      layer.dispose();
    },
  );

  it.onEachBackend('holds its start beside the factors, and frees all', ({ tensors }) => {
    const base = baseOf(tensors);
    const before = memory().numTensors;
    const layer = LoraLinear.fromBase(base, { rank, alpha: 3, init: 'pissa', start: startOf(tensors) });
    const made = tensorsSince(before) - 2; // the two that `startOf` drew
    expect(made).toBe(4);
    layer.dispose();
    expect(tensorsSince(before) - 2).toBe(0);
  });
});

const tensorsSince = (before: number) => memory().numTensors - before;

function baseOf(tensors: Tensors): FrozenLinear {
  return new FrozenLinear(tensors.randn([features, out]) as Tensor2D, tensors.randn([out]) as Tensor1D);
}

function startOf(tensors: Tensors): InitialFactors {
  const values = (shape: number[]) => tensors.randn(shape).dataSync().slice() as Float32Array;
  return { a: values([features, rank]), b: values([rank, out]), shifts: true };
}

function setUp(tensors: Tensors, options: Partial<LoraLinearOptions> = {}): [LoraLinear, InitialFactors] {
  const start = startOf(tensors);
  return [LoraLinear.fromBase(baseOf(tensors), { rank, alpha: 3, init: 'pissa', start, ...options }), start];
}

function move(tensors: Tensors, layer: LoraLinear): void {
  for (const { role, variable } of layer.parameters('q')) {
    if (role === 'lora_A' || role === 'lora_B') variable.assign(tensors.randn(variable.shape));
    else tidy(() => variable.assign(mul(variable, 1.3)));
  }
}

/** The same layer from the adapter that it is saved as. */
function converted(layer: LoraLinear, start: InitialFactors, options: Partial<LoraLinearOptions>): LoraLinear {
  const [a, b] = [loraTensorName('q', 'lora_A'), loraTensorName('q', 'lora_B')];
  const config = { rank, alpha: 3, targetModules: ['q'], useRslora: false, ...options } as never;
  const shapes = [
    [features, rank],
    [rank, out],
  ] as const;
  const adapterOf = (left: Values, right: Values) => ({
    config: { rankPattern: {}, alphaPattern: {}, ...(config as object) } as never,
    tensors: new Map([
      [a, { shape: [...shapes[0]], data: Float32Array.from(left) }],
      [b, { shape: [...shapes[1]], data: Float32Array.from(right) }],
    ]),
  });
  const plain = plainLora(adapterOf(layer.a.dataSync(), layer.b.dataSync()), adapterOf(start.a, start.b));
  const made = LoraLinear.fromBase(layer.base, { ...options, rank: plain.config.rank, alpha: plain.config.alpha });
  tidy(() => {
    for (const { name, variable } of made.parameters('q')) {
      const saved = plain.tensors.get(name);
      const magnitude = layer.parameters('q').find(({ role }) => role === 'lora_magnitude_vector')?.variable;
      if (saved) variable.assign(tensorOf(saved));
      else variable.assign(magnitude as Tensor);
    }
  });
  return made;
}

function tensorOf({ shape, data }: { shape: number[]; data: Float32Array }): Tensor {
  return tensor(data, shape);
}
