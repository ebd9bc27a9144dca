import {
  BlockWeight,
  dequantise,
  loraLinear,
  LoraLinear,
  planAdapter,
  useBackend,
  type FrozenLinear,
} from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadEncoder, loadModel, saveModel, type CausalModel } from '@lowrank/models';
import { checkOp, describe, errorOf, expect, expectClose, it, mapped, matMul64, withFolder } from '@lowrank/testing';
import { dispose, div, memory, tidy, variableGrads, type Tensor2D, type Variable } from '@tensorflow/tfjs-core';
import { apply, trainingAdapter } from '../test/adapter.js';
import { golden, goldenFolder, idsTensor, shifted } from '../test/golden.js';
import { formats } from '../test/quantised.js';
import { tinyBase } from '../test/tiny-base.js';

const from = goldenFolder('llama-untied');

async function logitsOf(model: CausalModel): Promise<Float32Array> {
  const { ids } = await golden('llama-untied');
  const output = tidy(() => model.forward(idsTensor(ids)));
  const values = output.dataSync().slice() as Float32Array;
  output.dispose();
  return values;
}

/** The loss and every factor's gradient by name, with the adapter of `peft-training` on the model. */
async function gradientsOn(model: CausalModel): Promise<[loss: number, gradients: Map<string, Float32Array>]> {
  const { ids } = await golden('llama-untied');
  using layers = apply(await trainingAdapter('peft-training', 'initial'), model);
  const parameters = Array.from(layers, ([path, layer]) => layer.parameters(path)).flat();
  const { value, grads } = variableGrads(
    () => causalLoss(model, shifted(ids), { training: true, seed: 0 }),
    parameters.map(({ variable }) => variable),
  );
  const [loss] = value.dataSync();
  const read = ({ name }: Variable) => grads[name]!.dataSync().slice() as Float32Array;
  const gradients = new Map(parameters.map(({ name, variable }) => [name, read(variable)]));
  for (const { path } of model.modules()) {
    const layer = layers.get(path);
    if (layer) model.replace(path, layer.base);
  }
  dispose([value, ...Object.values(grads)]);
  return [loss as number, gradients];
}

for (const quantise of formats) {
  describe(`an adapter on a base in ${quantise}`, () => {
    it.onEachBackend('has the gradients of differences on the dequantised weights', ({ tensors }) => {
      const [features, out] = [70, 5];
      const values = tensors.randn([out, features]).dataSync() as Float32Array;
      const weight = BlockWeight.fromRows(values, [out, features], quantise);
      const stored = tidy(() => dequantise(weight).dataSync().slice());
      const dense = Float64Array.from({ length: features * out }, (_, at) => {
        return stored[(at % out) * features + Math.floor(at / out)] as number;
      });
      checkOp({
        inputs: [tensors.randn([3, features]), tensors.randn([features, 2]), tensors.randn([2, out])],
        op: (x, a, b) => loraLinear(x, { weight, a: a as Tensor2D, b: b as Tensor2D, scaling: 1.5 }),
        reference: (x, a, b) => {
          const update = matMul64(matMul64(x!, a!, [3, features, 2]), b!, [3, 2, out]);
          return mapped(matMul64(x!, dense, [3, features, out]), (value, at) => value + 1.5 * (update[at] as number));
        },
        atol: 1e-5,
        because: 'sums of 70 float32 products of about 1',
      });
      weight.dispose();
    });

    it.onEachBackend('has through the whole model the gradients that it has on those weights kept dense', () =>
      withFolder(async (to) => {
        using model = await loadModel(from, { quantise });
        await saveModel(model, { from, to });
        using dense = await loadModel(to);
        const [[loss, gradients], [expectedLoss, expected]] = [await gradientsOn(model), await gradientsOn(dense)];
        const because = 'the same float32 sums in another order';
        expectClose([loss], [expectedLoss], { atol: 2e-6, because });
        for (const [name, values] of expected) {
          expectClose(gradients.get(name)!, values, { atol: 1e-6, because: `${name}: ${because}` });
          expect(
            values.some((value) => Math.abs(value) > 1e-3),
            name,
          ).toBe(true);
        }
      }),
    );

    it.onEachBackend('keeps no unpacked weight from one use to the next, forward or back', async ({ backend }) => {
      using model = await loadModel(tinyBase, { quantise });
      using manager = new LoraManager(model);
      manager.add('new', planAdapter({ rank: 2, targetModules: 'all-linear' }, model.modules()));
      const variables = manager.parameters('new').map(({ variable }) => variable);
      const { numBytes } = memory();
      const above: number[] = [];
      await useBackend({ ...backend, kernels: { dequantise: () => void above.push(memory().numBytes - numBytes) } });
      try {
        const { value, grads } = variableGrads(() => causalLoss(model, shifted([[1, 2, 3, 4]])), variables);
        dispose([value, ...Object.values(grads)]);
      } finally {
        await useBackend(backend);
      }
      // All weights unpack to 13.9 MB; tfjs counts what an op saves again, though it shares its bytes.
      expect(above.length).toBeGreaterThanOrEqual(2 * 28);
      expect(Math.max(...above)).toBeLessThan(3e6);
    });

    it.onEachBackend('merges, is saved merged, and comes off again to the bit', () =>
      withFolder(async (to) => {
        using model = await loadModel(from, { quantise });
        const base = await logitsOf(model);
        using manager = new LoraManager(model);
        manager.add('trained', await trainingAdapter('peft-training', 'initial'));
        const apart = await logitsOf(model);
        const [packed, because] = [memory().numBytes, 'one more float32 rounding of each weight'];
        expect(Math.max(...apart.map((value, at) => Math.abs(value - base[at]!)))).toBeGreaterThan(0.01);
        expect(await errorOf(() => saveModel(model, { from, to }))).toMatchObject({ code: 'adapter-mismatch' });

        await manager.merge();
        expectClose(await logitsOf(model), apart, { atol: 1e-5, because });
        await saveModel(model, { from, to });
        const saved = await loadModel(to);
        expectClose(await logitsOf(saved), apart, { atol: 1e-5, because });
        saved.dispose();

        manager.unmerge();
        expect(memory().numBytes).toBe(packed);
        expect(await logitsOf(model)).toEqual(apart);
        manager.activate(undefined);
        expect(await logitsOf(model)).toEqual(base);
      }),
    );

    it.onEachBackend('that is not finite is refused by merging, which leaves the base packed', async () => {
      using model = await loadModel(from, { quantise });
      const path = 'model.layers.0.self_attn.q_proj';
      using layer = LoraLinear.fromBase(model.get(path) as FrozenLinear, { rank: 2, alpha: 4 });
      tidy(() => layer.b.assign(div(layer.b, 0)));
      expect(await errorOf(() => layer.merge())).toMatchObject({ code: 'not-finite' });
      expect([layer.merged, layer.weight instanceof BlockWeight]).toEqual([false, true]);
    });
  });

  it.onEachBackend(`a BERT in ${quantise} computes with the weights that it is saved as`, () =>
    withFolder(async (to) => {
      const bert = goldenFolder('bert-classifier');
      using model = await loadEncoder(bert, { quantise });
      await saveModel(model, { from: bert, to });
      using dense = await loadEncoder(to);
      const [ours, theirs] = [model, dense].map((encoder) =>
        tidy(() => encoder.classify({ ids: idsTensor([[3, 1, 4]]) })),
      );
      expectClose(ours!, theirs!, { atol: 1e-5, because: 'the same float32 sums in another order' });
      dispose([ours!, theirs!]);
    }),
  );
}
