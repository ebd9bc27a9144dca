import { FrozenLinear, LoraLinear } from '@lowrank/core';
import { loadModel, saveModel, type CausalModel } from '@lowrank/models';
import { describe, errorOf, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { apply, trainingAdapter } from '../../test/adapter.js';
import { goldenFolder, idsTensor } from '../../test/golden.js';
import { expectNearestCodes } from '../../test/quantised.js';
import { withCopy } from '../../test/scratch.js';
import { tensorsOf, writeTensors } from '../../test/tensors-of.js';

const from = goldenFolder('families/gpt2');
const ids = [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]];
const because = 'the same products of the same weights, summed in another order';
const weightsIn = (folder: string) => tensorsOf(join(folder, 'model.safetensors'));

function logitsOf(model: CausalModel): Float32Array {
  const input = idsTensor(ids);
  const output = model.forward(input);
  const values = output.dataSync().slice() as Float32Array;
  input.dispose();
  output.dispose();
  return values;
}

describe("GPT-2's Conv1D", () => {
  it('is a linear in memory whose file is not turned', async () => {
    const stored = (await weightsIn(from)).get('transformer.h.0.attn.c_attn.weight')!;
    expect(stored.shape).toEqual([16, 48]);
    using model = await loadModel(from);
    const linear = model.get('transformer.h.0.attn.c_attn') as FrozenLinear;
    expect(linear).toBeInstanceOf(FrozenLinear);
    expect([linear.in, linear.out]).toEqual([16, 48]);
    expect(Array.from((linear.weight as unknown as { dataSync(): Float32Array }).dataSync())).toEqual(
      Array.from(stored.data),
    );
  });

  for (const quantise of ['int8', 'nf4', 'q4'] as const) {
    it.onEachBackend(`is packed by outputs in ${quantise}, and saved as it lay`, () =>
      withFolder(async (to) => {
        using model = await loadModel(from, { quantise });
        await saveModel(model, { from, to });
        const [saved, values] = [await weightsIn(to), await weightsIn(from)];
        for (const [name, tensor] of values) {
          const stored = saved.get(name)!;
          if (tensor.shape.length < 2) expect(stored).toEqual(tensor);
          else if (/\.c_/.test(name)) expectNearestCodes(onItsSide(stored), onItsSide(tensor), quantise);
          else expectNearestCodes(stored, tensor, quantise);
        }
        using dense = await loadModel(to);
        expectClose(logitsOf(model), logitsOf(dense), { atol: 2e-5, because });
      }),
    );
  }

  it.onEachBackend('takes an adapter into its weight, and is saved with it', () =>
    withFolder(async (to) => {
      using model = await loadModel(from);
      const base = logitsOf(model);
      using layers = apply(await trainingAdapter('families-training/gpt2', 'initial'), model);
      const apart = logitsOf(model);
      expect(Math.max(...apart.map((value, at) => Math.abs(value - base[at]!)))).toBeGreaterThan(0.1);
      expect([...layers.values()].every((layer) => layer instanceof LoraLinear)).toBe(true);
      for (const layer of layers.values()) await layer.merge();
      await saveModel(model, { from, to });
      using saved = await loadModel(to);
      expectClose(logitsOf(saved), apart, { atol: 2e-5, because });
    }),
  );
});

describe('a file of GPT-2 without its head', () => {
  const file = 'model.safetensors';

  it('gives its tensors the names that the whole model has, also in what is wrong', () =>
    withFolder(async (folder) => {
      await cp(goldenFolder('families/gpt2-bare'), folder, { recursive: true });
      const tensors = await weightsIn(folder);
      expect(tensors.has('h.1.mlp.c_fc.weight')).toBe(true);
      tensors.delete('h.1.mlp.c_fc.weight');
      await writeTensors(join(folder, file), tensors);
      expect(await errorOf(() => loadModel(folder))).toMatchObject({
        code: 'file-invalid',
        given: expect.stringContaining('no tensor "transformer.h.1.mlp.c_fc.weight"'),
      });
    }));

  it('does not hold a tensor under both names', () =>
    withCopy('families/gpt2', async (folder) => {
      const tensors = await weightsIn(folder);
      tensors.set('ln_f.weight', tensors.get('transformer.ln_f.weight')!);
      await writeTensors(join(folder, file), tensors);
      expect(await errorOf(() => loadModel(folder))).toMatchObject({
        code: 'file-invalid',
        given: expect.stringContaining('"ln_f.weight"'),
      });
    }));

  it('may be a Llama too, where the head is its table', () =>
    withCopy('families/llama-mqa-tied', async (folder) => {
      using whole = await loadModel(folder);
      const tensors = await weightsIn(folder);
      const bare = new Map([...tensors].map(([name, tensor]) => [name.replace(/^model\./, ''), tensor]));
      await writeTensors(join(folder, file), bare);
      using model = await loadModel(folder);
      expect(logitsOf(model)).toEqual(logitsOf(whole));
    }));
});

function onItsSide({ data, shape }: { data: Float32Array; shape: number[] }) {
  const [rows, columns] = shape as [number, number];
  const at = (index: number) => data[(index % rows) * columns + Math.floor(index / rows)]!;
  return { shape: [columns, rows], data: Float32Array.from(data, (_, index) => at(index)) };
}
